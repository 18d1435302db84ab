import type { Logger } from 'pino'
import { type Clearing, createClearing } from '#shared/clearing.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { FEED_DAYS } from '../services/feed.ts'

const BATCH = 1_000

/**
 * Forgets spent refresh tokens 30 days after they were issued, and sessions 30 days after nothing could continue them:
 * until then a token that comes back is answered with what became of it. Of what followers see, what is too old for them; of privacy jobs, those
 * of a month ago.
 */
export function createSessionClearing(db: PrismaClient, logger: Logger): Clearing {
  return createClearing(async () => {
    const tokens = await db.$executeRaw`
      DELETE FROM refresh_token WHERE hash IN (
        SELECT hash FROM refresh_token
         WHERE used_at IS NOT NULL AND expires_at < clock_timestamp() LIMIT ${BATCH})`
    const sessions = await db.$executeRaw`
      DELETE FROM session WHERE id IN (
        SELECT id FROM session WHERE expires_at < clock_timestamp() - interval '30 days' LIMIT ${BATCH})`
    const ended = await db.$executeRaw`
      DELETE FROM ended_session WHERE id IN (
        SELECT id FROM ended_session WHERE ended_at < clock_timestamp() - interval '15 minutes' LIMIT ${BATCH})`
    const activities = await db.$executeRaw`
      DELETE FROM activity WHERE seq IN (
        SELECT seq FROM activity WHERE at < clock_timestamp() - ${FEED_DAYS} * interval '1 day' LIMIT ${BATCH})`
    const jobs = await db.$executeRaw`
      DELETE FROM privacy_job WHERE id IN (
        SELECT id FROM privacy_job WHERE requested_at < clock_timestamp() - interval '30 days'
           AND NOT (kind = 'ERASE' AND user_id IS NOT NULL) LIMIT ${BATCH})`
    return tokens + sessions + ended + activities + jobs
  }, logger)
}
