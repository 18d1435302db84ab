import type { SqlExecutor } from '#shared/database.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import type { Prisma } from '../generated/prisma/client.ts'
import { leaveSession } from './listening-sessions.ts'

/**
 * Drops a person. Their plays stay plays: what artists are told and paid is as before, and nobody heard them. Returns the listening session
 * they were in.
 */
export async function erase(tx: Prisma.TransactionClient, userId: string): Promise<string | null> {
  // As everywhere: who changes what devices hold has the account.
  await tx.$executeRaw`SELECT FROM offline_account WHERE user_id = ${userId} FOR UPDATE`
  const left = await leaveSession(tx, userId)
  await erasePlays(tx, userId)
  await eraseOffline(tx, userId)
  await tx.$executeRaw`DELETE FROM playlist_copy WHERE owner_id = ${userId}`
  await tx.$executeRaw`
    UPDATE playlist_copy SET member_ids = array_remove(member_ids, ${userId}) WHERE member_ids @> ARRAY[${userId}]`
  await tx.streamLease.deleteMany({ where: { userId } })
  await tx.streamRevocation.deleteMany({ where: { userId } })
  await tx.player.deleteMany({ where: { id: userId } })
  await tx.playerQueue.deleteMany({ where: { playerId: userId } })
  await tx.resumePoint.deleteMany({ where: { userId } })
  await tx.device.deleteMany({ where: { userId } })
  await tx.deviceKind.deleteMany({ where: { userId } })
  await tx.account.deleteMany({ where: { userId } })
  return left
}

async function erasePlays(tx: SqlExecutor, userId: string): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM playback_report WHERE playback_id IN (SELECT id FROM playback_session WHERE user_id = ${userId})`
  await tx.$executeRaw`DELETE FROM playback_session WHERE user_id = ${userId}`
  await tx.$executeRaw`
    UPDATE play SET user_id = NULL, device_id = NULL, context_id = NULL WHERE user_id = ${userId}`
  // Whom they heard is theirs; how many listeners an artist had is a sum.
  await tx.$executeRaw`DELETE FROM artist_listener_day WHERE user_id = ${userId}`
  await tx.$executeRaw`DELETE FROM artist_listener WHERE user_id = ${userId}`
}

async function eraseOffline(tx: SqlExecutor, userId: string): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM content_key WHERE asset_id IN (SELECT key_id FROM offline_device WHERE user_id = ${userId})`
  await tx.$executeRaw`DELETE FROM offline_track WHERE user_id = ${userId}`
  await tx.$executeRaw`DELETE FROM offline_source WHERE user_id = ${userId}`
  await tx.$executeRaw`DELETE FROM offline_device WHERE user_id = ${userId}`
  await tx.$executeRaw`DELETE FROM offline_account WHERE user_id = ${userId}`
}

/** Deletes what was packaged for the person's devices. */
export async function eraseFiles(
  db: SqlExecutor,
  storage: Pick<ObjectStorage, 'list' | 'delete'>,
  userId: string,
): Promise<void> {
  const devices = await db.$queryRaw<{ keyId: string }[]>`
    SELECT key_id AS "keyId" FROM offline_device WHERE user_id = ${userId}`
  for (const { keyId } of devices)
    for await (const { key } of storage.list(`offline/${keyId}/`)) await storage.delete([key])
}
