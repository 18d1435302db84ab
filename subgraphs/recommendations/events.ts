import { z } from 'zod'

/** What this room reads of the catalogue's log, with the fields it needs and no more. */
export const TRACK_CHANGED = 'catalog.track-changed.v1'
export const trackChanged = z.object({
  trackId: z.string(),
  title: z.string(),
  artists: z.array(z.object({ id: z.string() })),
  genres: z.array(z.string()),
  /** Absent or null: everywhere. */
  markets: z.array(z.string()).nullish(),
  popularity: z.int(),
  /** YYYY, YYYY-MM or YYYY-MM-DD, as far as it is known. */
  releaseDate: z
    .string()
    .regex(/^\d{4}/)
    .nullish(),
  features: z
    .object({
      tempo: z.number(),
      key: z.int(),
      mode: z.int(),
      energy: z.number(),
      danceability: z.number(),
      valence: z.number(),
      acousticness: z.number(),
      instrumentalness: z.number(),
      loudness: z.number(),
      speechiness: z.number(),
    })
    .nullish(),
  isRemoved: z.boolean().default(false),
  version: z.int(),
})

/** What this room reads of the playback's log: somebody really listened; or had not, as what came late showed. */
export const PLAY_COUNTED = 'playback.play-counted.v1'
export const PLAY_UNCOUNTED = 'playback.play-uncounted.v1'
const instant = z.iso.datetime({ offset: true })
export const playDecided = z.object({
  playbackId: z.string(),
  playableId: z.string(),
  userId: z.string(),
  country: z.string().nullish(),
  /** When it was decided. */
  at: instant,
  /** When it was played; absent in events from before this was told. */
  startedAt: instant.nullish(),
})
