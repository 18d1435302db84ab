import type { Logger } from '#shared/telemetry.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Details, Edit, ItemRow, PlaylistRow } from '../models.ts'
import { type EditRow, editColumns, toEdit } from './edit-row.ts'

/** A whole list at one revision. */
export interface Snapshot {
  at: Date
  revision: number
  details: Details
  items: ItemRow[]
}

export interface History {
  /** Up to `limit` edits after a revision, in order; fewer or none when they are not there (yet, or any more). */
  editsAfter(playlistId: string, revision: number, limit: number): Promise<Edit[]>
  /** The list and its revision as one statement sees them; null when it is gone. */
  snapshot(playlistId: string): Promise<Snapshot | null>
  /** Told of every new revision; now and then it forgets what lies beyond retention. */
  grew(playlistId: string, revision: number): void
  forget(playlistId: string): Promise<void>
}

export interface HistoryOptions {
  db: PrismaClient
  logger: Logger
  /** How many revisions of a list can be resumed from; tombstones and nonces are kept as long. */
  keep: number
}

/** A list's log. Reads of the same stretch at the same time are one read: many watch one list and wait for the same. */
export function createHistory({ db, logger, keep }: HistoryOptions): History {
  const shareEdits = createSharing<Edit[]>()
  const shareSnapshot = createSharing<Snapshot | null>()
  const forgetEvery = Math.max(1, Math.floor(keep / 10))

  const forget = async (playlistId: string): Promise<void> => {
    await db.$executeRaw`
      WITH horizon AS (SELECT id, revision - ${keep} AS revision FROM playlist WHERE id = ${playlistId}),
      ops AS (
        DELETE FROM playlist_op USING horizon
         WHERE playlist_id = horizon.id AND playlist_op.revision <= horizon.revision
      ), answers AS (
        DELETE FROM playlist_answer USING horizon
         WHERE playlist_id = horizon.id AND playlist_answer.revision <= horizon.revision
      ), covers AS (
        DELETE FROM cover USING horizon
         WHERE playlist_id = horizon.id AND replaced_at_revision <= horizon.revision
      )
      DELETE FROM playlist_item USING horizon
       WHERE playlist_id = horizon.id AND removed_at_revision <= horizon.revision`
  }

  return {
    editsAfter: (playlistId, revision, limit) =>
      shareEdits(`${playlistId} ${revision} ${limit}`, async () => {
        const rows = await db.$queryRaw<EditRow[]>`
          SELECT ${editColumns} FROM playlist_op op
           WHERE playlist_id = ${playlistId} AND revision > ${revision} ORDER BY revision LIMIT ${limit}`
        return rows.map((row) => toEdit(playlistId, row))
      }),

    snapshot: (playlistId) =>
      shareSnapshot(playlistId, async () => {
        const [row] = await db.$queryRaw<SnapshotRow[]>`
          SELECT clock_timestamp() AS at, revision, name, description, visibility, collaborative, cover_id AS "coverId",
                 (SELECT coalesce(jsonb_agg(jsonb_build_array(id, track_id, added_at, added_by) ORDER BY rank), '[]')
                    FROM playlist_item WHERE playlist_id = playlist.id AND removed_at_revision IS NULL) AS items
            FROM playlist WHERE id = ${playlistId} AND deleted_at IS NULL`
        if (row === undefined) return null
        const { at, revision, items, ...details } = row
        return { at, revision, details, items: items.map((item) => toItem(playlistId, item)) }
      }),

    grew(playlistId, revision) {
      if (revision <= keep || revision % forgetEvery !== 0) return
      forget(playlistId).catch((error: unknown) => logger.warn({ err: error, playlistId }, 'history not cut'))
    },

    forget,
  }
}

interface SnapshotRow extends Details, Pick<PlaylistRow, 'revision'> {
  at: Date
  items: [id: string, trackId: string, addedAt: string, addedBy: string][]
}

function toItem(playlistId: string, [id, trackId, addedAt, addedBy]: SnapshotRow['items'][number]): ItemRow {
  return { id, playlistId, trackId, addedAt: new Date(addedAt), addedBy }
}

function createSharing<Result>(): (key: string, work: () => Promise<Result>) => Promise<Result> {
  const running = new Map<string, Promise<Result>>()
  return (key, work) => {
    const known = running.get(key)
    if (known !== undefined) return known
    const started = work().finally(() => running.delete(key))
    running.set(key, started)
    return started
  }
}
