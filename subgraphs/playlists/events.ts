import { z } from 'zod'
import { eventType } from '#shared/event-type.ts'
import type { OutboxEvent } from '#shared/outbox.ts'
import type { Details, StoredOp } from './models.ts'

export const TRACK_CHANGED = 'catalog.track-changed.v1'
export const PLAYLIST_CHANGED = 'playlists.playlist-changed.v1'
export const ITEMS_CHANGED = 'playlists.items-changed.v1'
export const MEMBER_CHANGED = 'playlists.member-changed.v1'

/** What this room reads of a track: whether it is there, how long it is, and on which album. */
export const trackChanged = z.object({
  trackId: z.string(),
  durationMs: z.int().nonnegative(),
  albumId: z.string().nullish(),
  isRemoved: z.boolean().default(false),
  version: z.int(),
})

const revision = z.int().nonnegative()
const sayPlaylistChanged = eventType(
  PLAYLIST_CHANGED,
  z.object({
    playlistId: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    visibility: z.enum(['PUBLIC', 'PRIVATE']),
    ownerId: z.string(),
    revision,
    isDeleted: z.boolean(),
  }),
)
const ids = z.array(z.string())
const after = z.string().nullable()
const sayItemsChanged = eventType(
  ITEMS_CHANGED,
  z.object({
    playlistId: z.string(),
    revision,
    ops: z.array(
      z.discriminatedUnion('kind', [
        z.object({
          kind: z.literal('ItemsAdded'),
          items: z.array(z.object({ id: z.string(), trackId: z.string() })),
          after,
        }),
        z.object({ kind: z.literal('ItemsRemoved'), itemIds: ids }),
        z.object({ kind: z.literal('ItemsMoved'), itemIds: ids, after }),
      ]),
    ),
  }),
)
const sayMemberChanged = eventType(
  MEMBER_CHANGED,
  z.object({ playlistId: z.string(), userId: z.string(), isMember: z.boolean() }),
)

const sayPlaylistFollowed = eventType(
  'playlists.playlist-followed.v1',
  z.object({ playlistId: z.string(), userId: z.string(), isFollowed: z.boolean() }),
)

/** Said by every edit; `revision` is the version that copies go by. */
export function playlistChanged(
  playlist: Details & { id: string; ownerId: string; revision: number },
  isDeleted: boolean,
): OutboxEvent {
  const { id, name, description, visibility, ownerId, revision } = playlist
  return sayPlaylistChanged(id, {
    playlistId: id,
    name,
    description,
    visibility,
    ownerId,
    revision,
    isDeleted,
  })
}

/**
 * What an edit did to the items, for those who keep a copy: each op is applied to what the ones before it made, as clients do. None for an
 * edit that left the items alone, so revisions may be missing.
 */
export function itemsChanged(playlistId: string, revision: number, ops: readonly StoredOp[]): OutboxEvent[] {
  const told = ops
    .filter((op) => op.kind !== 'DetailsChanged')
    .map((op) =>
      op.kind === 'ItemsAdded' ? { ...op, items: op.items.map(({ id, trackId }) => ({ id, trackId })) } : op,
    )
  return told.length === 0 ? [] : [sayItemsChanged(playlistId, { playlistId, revision, ops: told })]
}

/** Somebody became a member of a list, or is none any more. */
export function memberChanged(playlistId: string, userId: string, isMember: boolean): OutboxEvent {
  return sayMemberChanged(playlistId, { playlistId, userId, isMember })
}

/** Somebody keeps a public list of another, or does not any more. */
export function playlistFollowed(playlistId: string, userId: string, isFollowed: boolean): OutboxEvent {
  return sayPlaylistFollowed(playlistId, { playlistId, userId, isFollowed })
}
