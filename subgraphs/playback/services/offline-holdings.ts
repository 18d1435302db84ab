import type { SqlExecutor } from '#shared/database.ts'
import { OFFLINE } from '../config.ts'
import { readContents } from './contents.ts'
import { lockAccounts } from './offline-lock.ts'
import type { Quality } from './quality.ts'

// What devices hold. Every verb is called with the account locked.

export interface OfflineDevice {
  userId: string
  deviceId: string
}

export interface Held {
  added: number
  /** How many did not fit. */
  tooMany: number
}

/**
 * Adds tracks to what a device holds, in the order given, as far as they fit. A track that is held already counts for nothing, and is made
 * better when it is asked for in a better quality.
 */
export async function hold(
  tx: SqlExecutor,
  { userId, deviceId }: OfflineDevice,
  trackIds: readonly string[],
  quality: Quality,
  now: Date,
): Promise<Held> {
  const [count] = await tx.$queryRaw<{ used: number; fresh: string[]; better: string[] }[]>`
    SELECT used,
           ARRAY(SELECT asked.id FROM unnest(${trackIds}::text[]) WITH ORDINALITY AS asked(id, place)
                  WHERE NOT EXISTS (SELECT FROM offline_track WHERE user_id = ${userId} AND device_id = ${deviceId}
                                       AND track_id = asked.id AND NOT is_removed)
                  ORDER BY place) AS fresh,
           ARRAY(SELECT track_id FROM offline_track WHERE user_id = ${userId} AND device_id = ${deviceId}
                    AND NOT is_removed AND track_id = ANY (${trackIds}::text[])
                    AND ${rank(quality)} > array_position(ARRAY['LOW', 'NORMAL', 'HIGH', 'LOSSLESS'], quality)) AS better
      FROM offline_device WHERE user_id = ${userId} AND device_id = ${deviceId}`
  if (count === undefined) return { added: 0, tooMany: 0 }
  const { used, fresh, better } = count
  const fitting = fresh.slice(0, Math.max(0, OFFLINE.tracks - used))
  await write(tx, { userId, deviceId }, [...fitting, ...better], quality, now, fitting.length)
  return { added: fitting.length, tooMany: fresh.length - fitting.length }
}

/** Each row gets a revision of its own, so that a device may be told of them a stretch at a time. */
async function write(
  tx: SqlExecutor,
  { userId, deviceId }: OfflineDevice,
  trackIds: readonly string[],
  quality: Quality,
  now: Date,
  added: number,
): Promise<void> {
  if (trackIds.length === 0) return
  await tx.$executeRaw`
    WITH device AS (
      UPDATE offline_device SET revision = revision + ${trackIds.length}, used = used + ${added}
       WHERE user_id = ${userId} AND device_id = ${deviceId} RETURNING revision - ${trackIds.length} AS base
    )
    INSERT INTO offline_track (user_id, device_id, track_id, quality, revision, is_removed, state, due_at)
    SELECT ${userId}, ${deviceId}, asked.id, ${quality}, base + asked.place, false, 'QUEUED', ${now}
      FROM device, unnest(${trackIds}::text[]) WITH ORDINALITY AS asked(id, place)
    ON CONFLICT (user_id, device_id, track_id) DO UPDATE
      SET (quality, revision, is_removed, state, due_at, bytes) =
          (excluded.quality, excluded.revision, false, 'QUEUED', excluded.due_at, NULL),
          attempt = 0`
}

/** Lets go of whatever nothing that the device was asked to hold contains any more. Returns how many tracks went. */
export async function dropUnwanted(tx: SqlExecutor, { userId, deviceId }: OfflineDevice): Promise<number> {
  const [dropped] = await tx.$queryRaw<{ count: number }[]>`
    WITH wanted AS (
      SELECT source_id AS track_id FROM offline_source
       WHERE user_id = ${userId} AND device_id = ${deviceId} AND starts_with(source_id, 'track_')
      UNION SELECT track.track_id FROM offline_source source JOIN album_track track ON track.album_id = source.source_id
       WHERE source.user_id = ${userId} AND source.device_id = ${deviceId}
      UNION SELECT unnest(list.track_ids) FROM offline_source source JOIN playlist_copy list ON list.id = source.source_id
       WHERE source.user_id = ${userId} AND source.device_id = ${deviceId} AND NOT list.is_deleted
         AND (list.visibility = 'PUBLIC' OR list.owner_id = ${userId} OR ${userId} = ANY (list.member_ids))
    ), gone AS (
      SELECT track_id, row_number() OVER () AS place FROM offline_track
       WHERE user_id = ${userId} AND device_id = ${deviceId} AND NOT is_removed
         AND track_id NOT IN (SELECT track_id FROM wanted WHERE track_id IS NOT NULL)
    ), device AS (
      UPDATE offline_device SET revision = revision + total, used = used - total
        FROM (SELECT count(*)::int AS total FROM gone) AS sum
       WHERE user_id = ${userId} AND device_id = ${deviceId} AND total > 0 RETURNING revision - total AS base
    ), written AS (
      UPDATE offline_track SET is_removed = true, revision = base + place FROM gone, device
       WHERE user_id = ${userId} AND device_id = ${deviceId} AND offline_track.track_id = gone.track_id
    )
    SELECT count(*)::int AS count FROM gone`
  return dropped?.count ?? 0
}

/** Brings every device that holds one of these albums or playlists up to what is in them now. */
export async function followSources(
  tx: SqlExecutor,
  sourceIds: readonly string[],
  now: Date,
): Promise<OfflineDevice[]> {
  const holders = await tx.$queryRaw<
    (OfflineDevice & { sourceId: string; quality: Quality; country: string | null })[]
  >`
    SELECT source.user_id AS "userId", device_id AS "deviceId", source_id AS "sourceId", quality, account.country
      FROM offline_source source LEFT JOIN account ON account.user_id = source.user_id
     WHERE source_id = ANY (${sourceIds}::text[]) ORDER BY source.user_id, device_id, source_id`
  if (holders.length === 0) return []
  await lockAccounts(
    tx,
    holders.map(({ userId }) => userId),
  )
  for (const holder of holders) {
    await dropUnwanted(tx, holder)
    const contents = await readContents(tx, holder, [holder.sourceId])
    const trackIds = [...new Set(contents.map(({ playableId }) => playableId))]
    await hold(tx, holder, trackIds, holder.quality, now)
  }
  return holders
}

function rank(quality: Quality): number {
  return ['LOW', 'NORMAL', 'HIGH', 'LOSSLESS'].indexOf(quality) + 1
}
