import type { Logger } from 'pino'
import { type Clearing, createClearing } from '#shared/clearing.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { ARCHIVE_MS } from '../services/privacy.ts'

const FOLDER = 'privacy/'
const BATCH = 100

/** Forgets archives after a week, and those that nobody can ask for: of people who were erased while theirs was made. */
export function createPrivacyClearing(
  db: PrismaClient,
  storage: Pick<ObjectStorage, 'list' | 'delete'>,
  logger: Logger,
): Clearing {
  async function clear(keys: readonly string[]): Promise<number> {
    const ids = keys.map((key) => key.split('/')[1] ?? '')
    const kept = await db.privacyJob.findMany({
      where: { id: { in: ids }, requestedAt: { gt: new Date(Date.now() - ARCHIVE_MS) } },
      select: { id: true },
    })
    const gone = keys.filter((_, index) => !kept.some(({ id }) => id === ids[index]))
    await storage.delete(gone)
    return gone.length
  }

  return createClearing(async () => {
    let cleared = 0
    let keys: string[] = []
    for await (const { key } of storage.list(FOLDER)) {
      if (keys.push(key) < BATCH) continue
      cleared += await clear(keys)
      keys = []
    }
    return cleared + (await clear(keys))
  }, logger)
}
