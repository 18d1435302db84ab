import { type Clearing, createClearing } from '#shared/clearing.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import type { Logger } from '#shared/telemetry.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { INCOMING, keyOf } from '../uploads/uploads.ts'

const BATCH = 1_000
const KEPT = '30 days'

/**
 * Forgets uploads that came to nothing, after a month, and files that nobody waits for: of uploads that are over, put a second time while their
 * address was still open.
 */
export function createUploadClearing(
  db: PrismaClient,
  storage: Pick<ObjectStorage, 'list' | 'delete'>,
  logger: Logger,
): Clearing {
  return createClearing(async () => {
    const rows = await db.$executeRaw`
      DELETE FROM upload WHERE id IN (
        SELECT id FROM upload WHERE state = 'FAILED' AND created_at < now() - ${KEPT}::interval LIMIT ${BATCH})`
    return rows + (await clearFiles(db, storage))
  }, logger)
}

async function clearFiles(
  db: PrismaClient,
  storage: Pick<ObjectStorage, 'list' | 'delete'>,
): Promise<number> {
  let cleared = 0
  let keys: string[] = []
  const clear = async (): Promise<void> => {
    const ids = keys.map((key) => key.slice(INCOMING.length))
    const open = await db.$queryRaw<{ id: string }[]>`
      SELECT id FROM upload WHERE id = ANY(${ids}::text[]) AND state IN ('WAITING', 'RECEIVED')`
    const awaited = new Set(open.map(({ id }) => keyOf(id)))
    const orphans = keys.filter((key) => !awaited.has(key))
    await storage.delete(orphans)
    cleared += orphans.length
    keys = []
  }
  for await (const { key } of storage.list(INCOMING)) if (keys.push(key) === BATCH) await clear()
  if (keys.length > 0) await clear()
  return cleared
}
