import { newId } from '#shared/id.ts'
import type { Prisma } from '../generated/prisma/client.ts'

/** Starts a session with its first token, for 30 days; returns the session's id. */
export async function beginFamily(
  tx: Prisma.TransactionClient,
  userId: string,
  deviceId: string | null,
  hash: string,
): Promise<string> {
  const sessionId = newId('session')
  await tx.$executeRaw`
    WITH opened AS (
      INSERT INTO session (id, user_id, device_id, expires_at)
      VALUES (${sessionId}, ${userId}, ${deviceId}, clock_timestamp() + interval '30 days')
      RETURNING id, expires_at
    )
    INSERT INTO refresh_token (hash, session_id, expires_at) SELECT ${hash}, id, expires_at FROM opened`
  return sessionId
}

/** A token as its family knows it. */
export interface FoundToken {
  state: 'FRESH' | 'REPEATED' | 'REUSED' | 'EXPIRED' | 'ENDED'
  /** Whether the family ended because one of its tokens was used twice. */
  isCompromised: boolean
  sessionId: string
  deviceId: string | null
}

/** What has become of the token with this hash. The caller holds the account's lock. */
export async function readToken(tx: Prisma.TransactionClient, hash: string): Promise<FoundToken | undefined> {
  const rows = await tx.$queryRaw<FoundToken[]>`
    SELECT session.id AS "sessionId", session.device_id AS "deviceId",
           coalesce(session.ended_by = 'TOKEN_REUSED', false) AS "isCompromised",
           CASE WHEN session.ended_at IS NOT NULL THEN 'ENDED'
                WHEN token.used_at >= clock_timestamp() - interval '10 seconds' THEN 'REPEATED'
                WHEN token.used_at IS NOT NULL THEN 'REUSED'
                WHEN token.expires_at <= clock_timestamp() THEN 'EXPIRED'
                ELSE 'FRESH' END AS state
      FROM refresh_token token JOIN session ON session.id = token.session_id
     WHERE token.hash = ${hash}`
  return rows[0]
}

/** Spends a token and puts its successor in its place; the family lives on for another 30 days. */
export async function advanceFamily(
  tx: Prisma.TransactionClient,
  { sessionId, deviceId }: FoundToken,
  hash: string,
  successor: string,
): Promise<void> {
  await tx.$executeRaw`UPDATE refresh_token SET used_at = clock_timestamp() WHERE hash = ${hash}`
  await tx.$executeRaw`
    WITH kept AS (
      UPDATE session SET expires_at = clock_timestamp() + interval '30 days' WHERE id = ${sessionId}
      RETURNING id, expires_at
    ), seen AS (
      UPDATE device SET last_seen_at = clock_timestamp() WHERE id = ${deviceId}
    )
    INSERT INTO refresh_token (hash, session_id, parent_hash, expires_at)
    SELECT ${successor}, id, ${hash}, expires_at FROM kept`
}
