import type { Logger } from 'pino'
import { type Clearing, createClearing } from '#shared/clearing.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

const BATCH = 5_000

/** Forgets plays after 90 days: charts look back 28, taste to the last few. Their home is the playback room. */
export function createPlayClearing(db: PrismaClient, logger: Logger): Clearing {
  return createClearing(
    () => db.$executeRaw`
      DELETE FROM play WHERE playback_id IN (
        SELECT playback_id FROM play WHERE at < now() - interval '90 days' LIMIT ${BATCH})`,
    logger,
  )
}
