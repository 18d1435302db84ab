import { z } from 'zod'
import type { OutboxEvent } from '#shared/outbox.ts'
import type { Details } from './models.ts'

export const TRACK_CHANGED = 'catalog.track-changed.v1'
export const PLAYLIST_CHANGED = 'playlists.playlist-changed.v1'

/** What this room reads of a track: whether it is there, how long it is, and on which album. */
export const trackChanged = z.object({
  trackId: z.string(),
  durationMs: z.int().nonnegative(),
  albumId: z.string().nullish(),
  isRemoved: z.boolean().default(false),
  version: z.int(),
})

/** Said by every edit; `revision` is the version that copies go by. */
export function playlistChanged(
  playlist: Details & { id: string; ownerId: string; revision: number },
  isDeleted: boolean,
): OutboxEvent {
  const { id, name, description, visibility, ownerId, revision } = playlist
  return {
    topic: PLAYLIST_CHANGED,
    key: id,
    payload: { playlistId: id, name, description, visibility, ownerId, revision, isDeleted },
  }
}
