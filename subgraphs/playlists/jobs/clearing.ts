import { type Clearing, createClearing } from '#shared/clearing.ts'
import type { Logger } from '#shared/telemetry.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

const BATCH = 1_000

/** Forgets invitations 30 days after they ended, until when they are answered with TOKEN_EXPIRED, and uploads nobody made. */
export function createOfferClearing(db: PrismaClient, logger: Logger): Clearing {
  return createClearing(async () => {
    const invites = await db.$executeRaw`
      DELETE FROM invite WHERE token_hash IN (
        SELECT token_hash FROM invite
         WHERE least(revoked_at, expires_at) < clock_timestamp() - interval '30 days' LIMIT ${BATCH})`
    const tickets = await db.$executeRaw`
      DELETE FROM cover_ticket WHERE token_hash IN (
        SELECT token_hash FROM cover_ticket WHERE expires_at < clock_timestamp() LIMIT ${BATCH})`
    return invites + tickets
  }, logger)
}
