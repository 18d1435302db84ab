import type { SqlExecutor } from '#shared/database.ts'
import type { ExportSections } from '#shared/privacy/export-file.ts'
import { privacyFolder } from '#shared/privacy/requests.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Everything this room knows of a person. Of passwords and tokens it has hashes alone, which are nobody's to have. */
export const SECTIONS: ExportSections = {
  account: `
    SELECT id, email, display_name, country, tier, role, artists, shares_plays, created_at FROM account WHERE id = $1`,
  devices: `
    SELECT id, name, kind, public_key, created_at, last_seen_at FROM device WHERE user_id = $1 ORDER BY created_at`,
  sessions: `
    SELECT id, device_id, created_at, expires_at, ended_at, ended_by FROM session WHERE user_id = $1 ORDER BY created_at`,
  follows: `SELECT subject_id, at FROM follow WHERE user_id = $1 ORDER BY seq`,
  followers: `SELECT user_id, at FROM follow WHERE subject_id = $1 ORDER BY seq`,
  activity: `SELECT at, verb, subject_id FROM activity WHERE actor_id = $1 ORDER BY at, seq`,
  exports: `SELECT id, kind, requested_at FROM privacy_job WHERE user_id = $1 ORDER BY requested_at`,
}

/** Drops a person; devices, sessions, follows and activities go with the account. */
export async function erase(tx: SqlExecutor, userId: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO ended_session (id, ended_at) SELECT id, coalesce(ended_at, clock_timestamp()) FROM session
     WHERE user_id = ${userId} AND (ended_at IS NULL OR ended_at > clock_timestamp() - interval '15 minutes')
    ON CONFLICT DO NOTHING`
  await tx.$executeRaw`
    DELETE FROM activity WHERE subject_id = ${userId}
        OR subject_id IN (SELECT id FROM playlist WHERE owner_id = ${userId})`
  await tx.$executeRaw`DELETE FROM playlist WHERE owner_id = ${userId}`
  await tx.$executeRaw`DELETE FROM follow WHERE subject_id = ${userId}`
  await tx.$executeRaw`DELETE FROM privacy_job WHERE user_id = ${userId} AND kind = 'EXPORT'`
  await tx.$executeRaw`DELETE FROM account WHERE id = ${userId}`
}

/** The exports a person has asked for: what was said of them goes with them. */
export async function ownExports(db: PrismaClient, userId: string): Promise<string[]> {
  const jobs = await db.privacyJob.findMany({ where: { userId, kind: 'EXPORT' }, select: { id: true } })
  return jobs.map(({ id }) => id)
}

/** Deletes the archives a person has had made. */
export async function eraseArchives(
  db: PrismaClient,
  storage: Pick<ObjectStorage, 'list' | 'delete'>,
  userId: string,
): Promise<void> {
  for (const id of await ownExports(db, userId))
    for await (const { key } of storage.list(privacyFolder(id))) await storage.delete([key])
}
