import type { SqlExecutor } from '#shared/database.ts'
import type { Quality } from './quality.ts'

/** A file that is to be made, leased to whoever claimed it. */
export interface PackagingJob {
  userId: string
  deviceId: string
  trackId: string
  quality: Quality
  revision: number
  /** With the revision: which lease this is. */
  attempt: number
  keyId: string
  /** The file that this one replaces. */
  path: string | null
  assetId: string | null
  isComposable: boolean
}

const LEASE_MS = 120_000
const MAX_ATTEMPTS = 5

/** Leases up to `limit` jobs that are due, of accounts that may have them; nobody else gets them until the lease is over. */
export async function claim(db: SqlExecutor, limit: number, now: number): Promise<PackagingJob[]> {
  return db.$queryRaw<PackagingJob[]>`
    UPDATE offline_track held
       SET state = 'PACKAGING', attempt = held.attempt + 1, due_at = ${new Date(now + LEASE_MS)}
      FROM offline_device device
     WHERE (held.user_id, held.device_id, held.track_id) IN (
             SELECT user_id, device_id, track_id FROM offline_track due
              WHERE state IN ('QUEUED', 'PACKAGING') AND NOT is_removed AND due_at <= ${new Date(now)}
                AND NOT EXISTS (SELECT FROM account WHERE account.user_id = due.user_id AND tier <> 'PREMIUM')
              ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
       AND device.user_id = held.user_id AND device.device_id = held.device_id
    RETURNING held.user_id AS "userId", held.device_id AS "deviceId", held.track_id AS "trackId", held.quality, held.revision,
              held.attempt, key_id AS "keyId", held.path,
              (SELECT asset_id FROM audio_asset WHERE playable_id = held.track_id ORDER BY version DESC LIMIT 1) AS "assetId",
              coalesce((SELECT is_composable FROM playable WHERE id = held.track_id), false) AS "isComposable"`
}

/** The file is there, unless the job has become somebody else's. The device hears of it by a revision of its own. */
export async function finish(
  db: SqlExecutor,
  job: PackagingJob,
  path: string,
  bytes: number,
): Promise<boolean> {
  const { userId, deviceId, trackId, revision, attempt } = job
  const count = await db.$executeRaw`
    WITH turned AS (
      UPDATE offline_device SET revision = revision + 1
       WHERE user_id = ${userId} AND device_id = ${deviceId}
         AND EXISTS (SELECT FROM offline_track WHERE user_id = ${userId} AND device_id = ${deviceId} AND track_id = ${trackId}
                        AND revision = ${revision} AND attempt = ${attempt} AND state = 'PACKAGING' AND NOT is_removed)
      RETURNING revision
    )
    UPDATE offline_track held SET state = 'READY', path = ${path}, bytes = ${bytes}, revision = turned.revision
      FROM turned
     WHERE user_id = ${userId} AND device_id = ${deviceId} AND track_id = ${trackId}
       AND held.revision = ${revision} AND attempt = ${attempt} AND state = 'PACKAGING' AND NOT is_removed`
  return count > 0
}

/** Later, as if it had not been tried. */
export async function postpone(db: SqlExecutor, job: PackagingJob, until: number): Promise<void> {
  await db.$executeRaw`
    UPDATE offline_track SET state = 'QUEUED', due_at = ${new Date(until)}, attempt = attempt - 1
     WHERE user_id = ${job.userId} AND device_id = ${job.deviceId} AND track_id = ${job.trackId}
       AND revision = ${job.revision} AND attempt = ${job.attempt} AND state = 'PACKAGING'`
}

/** Again, after twice as long each time; never again after the fifth. */
export async function retry(db: SqlExecutor, job: PackagingJob, now: number): Promise<void> {
  if (job.attempt >= MAX_ATTEMPTS) return fail(db, job)
  const { userId, deviceId, trackId, revision, attempt } = job
  await db.$executeRaw`
    UPDATE offline_track SET state = 'QUEUED', due_at = ${new Date(now + 1_000 * 2 ** attempt)}
     WHERE user_id = ${userId} AND device_id = ${deviceId} AND track_id = ${trackId}
       AND revision = ${revision} AND attempt = ${attempt} AND state = 'PACKAGING'`
}

/** There will be no file; the device hears of that as well. */
export async function fail(db: SqlExecutor, job: PackagingJob): Promise<void> {
  const { userId, deviceId, trackId, revision, attempt } = job
  await db.$executeRaw`
    WITH turned AS (
      UPDATE offline_device SET revision = revision + 1 WHERE user_id = ${userId} AND device_id = ${deviceId} RETURNING revision
    )
    UPDATE offline_track held SET state = 'FAILED', revision = turned.revision FROM turned
     WHERE user_id = ${userId} AND device_id = ${deviceId} AND track_id = ${trackId}
       AND held.revision = ${revision} AND attempt = ${attempt} AND state = 'PACKAGING'`
}

const SWEEP = 100

/** Files that no device holds any more: forgotten here, to be deleted by the caller. */
export async function forgetAbandoned(db: SqlExecutor): Promise<string[]> {
  const rows = await db.$queryRaw<{ path: string }[]>`
    WITH gone AS (
      SELECT user_id, device_id, track_id, path FROM offline_track
       WHERE is_removed AND path IS NOT NULL LIMIT ${SWEEP} FOR UPDATE SKIP LOCKED
    )
    UPDATE offline_track held SET path = NULL, bytes = NULL FROM gone
     WHERE held.user_id = gone.user_id AND held.device_id = gone.device_id AND held.track_id = gone.track_id
    RETURNING gone.path`
  return rows.map(({ path }) => path)
}
