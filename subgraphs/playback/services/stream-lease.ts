import type { SqlExecutor } from '#shared/database.ts'
import { LEASED_PLAYBACKS } from '../config.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { Denial } from './denial.ts'

/** A stream as it begins. */
export interface StartedStream {
  userId: string
  deviceId: string
  /** Null when a device is given the stream before it has begun. */
  playbackId: string | null
  at: Date
}

/** A playback as far as the lease looks at it. */
export interface LeasedPlayback {
  id: string
  userId: string
  deviceId: string
}

/**
 * One stream a user: gives it to this device, and takes it from whichever had it. Waits for another start of the same user, so
 * that of several at once the last one holds it. Having waited, it may leave a revocation of its own device behind: that of the device
 * which has the stream says nothing. CTEs of a larger statement, of which `lease` has the row as it is now.
 */
export function takeStream({ userId, deviceId, playbackId, at }: StartedStream): Prisma.Sql {
  const own = playbackId === null ? [] : [playbackId]
  return Prisma.sql`
    lease AS (
      INSERT INTO stream_lease AS lease (user_id, device_id, playback_ids, started_at)
      VALUES (${userId}, ${deviceId}, ${own}::text[], ${at})
      ON CONFLICT (user_id) DO UPDATE SET device_id = excluded.device_id, started_at = excluded.started_at,
        playback_ids = CASE WHEN lease.device_id = excluded.device_id
                            THEN (excluded.playback_ids || lease.playback_ids)[1:${LEASED_PLAYBACKS}::int]
                            ELSE excluded.playback_ids END,
        taken_from = nullif(lease.device_id, excluded.device_id)
      RETURNING taken_from
    ), back AS (
      DELETE FROM stream_revocation USING lease
       WHERE user_id = ${userId} AND device_id = ${deviceId} AND taken_from IS NOT NULL
    ), revoked AS (
      INSERT INTO stream_revocation (user_id, device_id, revoked_by, at)
      SELECT ${userId}, taken_from, ${deviceId}, ${at} FROM lease WHERE taken_from IS NOT NULL
      ON CONFLICT (user_id, device_id) DO UPDATE SET revoked_by = excluded.revoked_by, at = excluded.at
    )`
}

/** The same in a transaction; returns the device that lost the stream, or null. */
export async function startStream(tx: SqlExecutor, started: StartedStream): Promise<string | null> {
  const [lease] = await tx.$queryRaw<{ takenFrom: string | null }[]>`
    WITH ${takeStream(started)} SELECT taken_from AS "takenFrom" FROM lease`
  return lease?.takenFrom ?? null
}

/**
 * Throws CONCURRENCY unless the playback is the user's current stream: of the device that holds it, and one of its last few, since
 * a player opens the next one before the last has ended.
 */
export async function requireCurrent(db: SqlExecutor, playback: LeasedPlayback): Promise<void> {
  const [lease] = await db.$queryRaw<{ isCurrent: boolean }[]>`
    SELECT device_id = ${playback.deviceId} AND ${playback.id} = ANY (playback_ids) AS "isCurrent"
      FROM stream_lease WHERE user_id = ${playback.userId}`
  // No lease at all: the playback is older than leases are, and nothing has started since.
  if (lease?.isCurrent === false)
    throw new Denial('CONCURRENCY', 'Something else of this account plays now: press play to take over')
}
