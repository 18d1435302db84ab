import type { Logger } from 'pino'
import { type Clearing, createClearing } from '#shared/clearing.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

const BATCH = 5_000

/** Forgets plays after 90 days, of which taste reads the last few, and what they make of charts after 40. Their home is the playback room. */
export function createPlayClearing(db: PrismaClient, logger: Logger): Clearing {
  return createClearing(
    async () =>
      (await db.$executeRaw`
        DELETE FROM play WHERE playback_id IN (
          SELECT playback_id FROM play WHERE at < now() - interval '90 days' LIMIT ${BATCH})`) +
      (await db.$executeRaw`
        DELETE FROM heat_day WHERE (country, track_id, day) IN (
          SELECT country, track_id, day FROM heat_day WHERE day < (now() - interval '40 days')::date LIMIT ${BATCH})`),
    logger,
  )
}
