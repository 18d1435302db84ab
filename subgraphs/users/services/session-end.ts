import type { OutboxEvent } from '#shared/outbox.ts'
import { sessionEnded } from '../events.ts'
import type { Prisma, SessionEnd } from '../generated/prisma/client.ts'

/** Which of a user's sessions: one, those of a device, or all of them. */
export type SessionChoice = { sessionId: string } | { deviceId: string } | 'ALL'

/**
 * Ends sessions that have not ended and returns what to publish. The caller holds the account's lock. From here on their
 * refresh tokens are refused; the door hears of it within half a second and refuses their access tokens.
 */
export async function endSessions(
  tx: Prisma.TransactionClient,
  userId: string,
  choice: SessionChoice,
  reason: SessionEnd,
): Promise<OutboxEvent[]> {
  const sessionId = choice !== 'ALL' && 'sessionId' in choice ? choice.sessionId : null
  const deviceId = choice !== 'ALL' && 'deviceId' in choice ? choice.deviceId : null
  const ended = await tx.$queryRaw<{ sessionId: string; userId: string; deviceId: string | null }[]>`
    UPDATE session SET ended_at = clock_timestamp(), ended_by = ${reason}::session_end
     WHERE user_id = ${userId} AND ended_at IS NULL
       AND (${sessionId}::text IS NULL OR id = ${sessionId})
       AND (${deviceId}::text IS NULL OR device_id = ${deviceId})
    RETURNING id AS "sessionId", user_id AS "userId", device_id AS "deviceId"`
  return ended.map(sessionEnded)
}
