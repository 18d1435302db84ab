import { z } from 'zod'

/** What this room alone reads from the environment. */
export const playlistSettings = z.object({
  /** Revisions of a list that a subscriber can resume from; nonces and tombstones live as long. */
  PLAYLIST_HISTORY: z.coerce.number().int().min(100).default(10_000),
})

export type PlaylistSettings = Readonly<z.infer<typeof playlistSettings>>
