import type { Logger } from 'pino'
import { type Clearing, createClearing } from '#shared/clearing.ts'
import { DAY_MS, dayOf } from '../analytics/days.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

const BATCH = 5_000
/** More than the 365 days that are told of and the 32 in which plays come late: whoever was heard before is not in any figure. */
const DAYS_KEPT = 400

/** Forgets who heard whom long ago. Sums are kept: they name nobody. */
export function createTallyClearing(db: PrismaClient, now: () => number, logger: Logger): Clearing {
  return createClearing(async () => {
    const before = dayOf(new Date(now() - DAYS_KEPT * DAY_MS))
    const days = await db.$executeRaw`
      DELETE FROM artist_listener_day WHERE (user_id, artist_id, day) IN (
        SELECT user_id, artist_id, day FROM artist_listener_day WHERE day < ${before}::date LIMIT ${BATCH})`
    const listeners = await db.$executeRaw`
      DELETE FROM artist_listener WHERE (user_id, artist_id) IN (
        SELECT user_id, artist_id FROM artist_listener WHERE last_day < ${before}::date LIMIT ${BATCH})`
    return days + listeners
  }, logger)
}
