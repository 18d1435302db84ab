import type { Logger } from 'pino'
import { type Clearing, createClearing } from '#shared/clearing.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

const BATCH = 1_000

/**
 * Forgets spent refresh tokens 30 days after they were issued, and sessions 30 days after nothing could continue them:
 * until then a token that comes back is answered with what became of it.
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
    return tokens + sessions
  }, logger)
}
