import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { EventLog, LogEvent } from '#shared/event-log.ts'
import {
  PLAYLIST_CHANGED,
  PLAYLIST_ITEMS_CHANGED,
  PLAYLIST_MEMBER_CHANGED,
  playlistChanged,
  playlistItemsChanged,
  playlistMemberChanged,
} from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { lockSources } from '../services/offline-lock.ts'
import { applyOp, type PlaylistItems } from '../services/playlist-items.ts'

/** A playlist as far as this room knows it. */
interface PlaylistCopy {
  id: string
  /** Null until the list itself has been heard of. */
  ownerId: string | null
  visibility: string
  isDeleted: boolean
  detailsRevision: number
  revision: number
  items: PlaylistItems
  memberIds: ReadonlySet<string>
}

export interface PlaylistCopyOptions {
  db: PrismaClient
  log: EventLog
  logger: Logger
  /** Follows, in the same transaction, what has become of these lists. */
  follow(tx: SqlExecutor, playlistIds: readonly string[]): Promise<void>
}

/** Keeps what is in every playlist and who may see it, so that what devices hold follows the lists they hold. */
export function createPlaylistCopy({ db, log, logger, follow }: PlaylistCopyOptions): Consumer {
  return createConsumer({
    name: 'playback.playlists',
    source: 'playlists',
    topics: [PLAYLIST_CHANGED, PLAYLIST_ITEMS_CHANGED, PLAYLIST_MEMBER_CHANGED],
    log,
    db,
    logger,
    async apply(tx, events) {
      const ids = [...new Set(events.map(({ key }) => key))].sort()
      await lockSources(tx, ids)
      const copies = new Map((await readCopies(tx, ids)).map((copy) => [copy.id, copy]))
      for (const event of events)
        copies.set(event.key, changed(copies.get(event.key) ?? empty(event.key), event))
      for (const id of ids) await writeCopy(tx, copies.get(id) as PlaylistCopy)
      await follow(tx, ids)
    },
  })
}

function empty(id: string): PlaylistCopy {
  return {
    id,
    ownerId: null,
    visibility: 'PRIVATE',
    isDeleted: false,
    detailsRevision: 0,
    revision: 0,
    items: [],
    memberIds: new Set(),
  }
}

/** Each event says its revision: what is here already changes nothing, from whichever log it comes again. */
function changed(copy: PlaylistCopy, { topic, payload }: LogEvent): PlaylistCopy {
  if (topic === PLAYLIST_CHANGED) {
    const { ownerId, visibility, revision, isDeleted } = playlistChanged.parse(payload)
    if (revision <= copy.detailsRevision) return copy
    return { ...copy, ownerId, visibility, isDeleted, detailsRevision: revision }
  }
  if (topic === PLAYLIST_ITEMS_CHANGED) {
    const { revision, ops } = playlistItemsChanged.parse(payload)
    if (revision <= copy.revision) return copy
    return { ...copy, revision, items: ops.reduce(applyOp, copy.items) }
  }
  const { userId, isMember } = playlistMemberChanged.parse(payload)
  const others = [...copy.memberIds].filter((id) => id !== userId)
  return { ...copy, memberIds: new Set(isMember ? [...others, userId] : others) }
}

async function readCopies(tx: SqlExecutor, ids: readonly string[]): Promise<PlaylistCopy[]> {
  const rows = await tx.$queryRaw<
    (Omit<PlaylistCopy, 'items' | 'memberIds'> & {
      itemIds: string[]
      trackIds: string[]
      members: string[]
    })[]
  >`
    SELECT id, owner_id AS "ownerId", visibility, is_deleted AS "isDeleted", details_revision AS "detailsRevision", revision,
           item_ids AS "itemIds", track_ids AS "trackIds", member_ids AS members
      FROM playlist_copy WHERE id = ANY (${ids}::text[])`
  return rows.map(({ itemIds, trackIds, members, ...copy }) => ({
    ...copy,
    items: itemIds.map((id, index) => ({ id, trackId: trackIds[index] as string })),
    memberIds: new Set(members),
  }))
}

async function writeCopy(tx: SqlExecutor, copy: PlaylistCopy): Promise<void> {
  const itemIds = copy.items.map(({ id }) => id)
  const trackIds = copy.items.map(({ trackId }) => trackId)
  await tx.$executeRaw`
    INSERT INTO playlist_copy
      (id, owner_id, visibility, is_deleted, details_revision, revision, item_ids, track_ids, member_ids)
    VALUES (${copy.id}, ${copy.ownerId}, ${copy.visibility}, ${copy.isDeleted}, ${copy.detailsRevision}, ${copy.revision},
            ${itemIds}::text[], ${trackIds}::text[], ${[...copy.memberIds]}::text[])
    ON CONFLICT (id) DO UPDATE
      SET (owner_id, visibility, is_deleted, details_revision, revision, item_ids, track_ids, member_ids) =
          (excluded.owner_id, excluded.visibility, excluded.is_deleted, excluded.details_revision, excluded.revision,
           excluded.item_ids, excluded.track_ids, excluded.member_ids)`
}
