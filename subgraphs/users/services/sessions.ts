import { Refusal } from '#shared/errors.ts'
import { newId } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { AccountRow, SessionSource } from '../models.ts'
import type { AccessTokens } from './access-tokens.ts'
import { lockAccount, TRANSACTION } from './account-lock.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import { endSessions } from './session-end.ts'

/** A session with the token that continues it, before anybody has signed for it. */
export interface OpenSession {
  sessionId: string
  deviceId: string | null
  refreshToken: string
}

export interface SessionService {
  /** Starts a family of refresh tokens in the caller's transaction. */
  open(tx: Prisma.TransactionClient, userId: string, deviceId: string | null): Promise<OpenSession>
  /** The answer a client gets: a fresh access token beside the refresh token. */
  issue(account: AccountRow, session: OpenSession): Promise<SessionSource>
  /**
   * Rotates a refresh token. A repeat within 10 s has the same successor; a later one ends the family (TOKEN_REUSED).
   * TOKEN_EXPIRED after 30 days unused, CREDENTIALS_WRONG for what we did not issue or no longer honour.
   */
  refresh(refreshToken: string): Promise<SessionSource>
  /** Ends the session one speaks in, or all of one's sessions. */
  signOut(identity: Identity, isEverywhere: boolean): Promise<void>
  /** Sessions that ended after `since` and whose access tokens may be alive still. For the door. */
  endedSince(since: Date): Promise<{ sessionId: string; at: Date }[]>
}

type TokenState = 'FRESH' | 'REPEATED' | 'REUSED' | 'EXPIRED' | 'ENDED'
type Rotation = { account: AccountRow; session: OpenSession } | Refusal

export function createSessionService(
  db: PrismaClient,
  accessTokens: AccessTokens,
  refreshTokens: RefreshTokens,
): SessionService {
  async function rotate(
    tx: Prisma.TransactionClient,
    userId: string,
    token: { text: string; hash: string },
  ): Promise<Rotation> {
    const account = await lockAccount(tx, userId)
    const found = await readToken(tx, token.hash)
    if (account === null || found === undefined) return unknownToken()
    const { state, sessionId, deviceId } = found
    if (state === 'ENDED') return found.isCompromised ? reusedToken() : endedSession()
    if (state === 'EXPIRED')
      return new Refusal('TOKEN_EXPIRED', 'This session lay unused for too long: sign in again')
    if (state === 'REUSED') {
      await publish(tx, await endSessions(tx, userId, { sessionId }, 'TOKEN_REUSED'))
      return reusedToken()
    }
    const refreshToken = refreshTokens.successorOf(token.text)
    if (state === 'FRESH') await advance(tx, found, token.hash, refreshTokens.hashOf(refreshToken) ?? '')
    return { account, session: { sessionId, deviceId, refreshToken } }
  }

  async function issue(account: AccountRow, session: OpenSession): Promise<SessionSource> {
    const { sessionId, deviceId, refreshToken } = session
    const signed = await accessTokens.sign(account, sessionId, deviceId)
    return { ...signed, refreshToken, deviceId, user: { ...account, isSelf: true } }
  }

  return {
    issue,

    async open(tx, userId, deviceId) {
      const sessionId = newId('session')
      const refreshToken = refreshTokens.create()
      await tx.$executeRaw`
        WITH opened AS (
          INSERT INTO session (id, user_id, device_id, expires_at)
          VALUES (${sessionId}, ${userId}, ${deviceId}, clock_timestamp() + interval '30 days')
          RETURNING id, expires_at
        )
        INSERT INTO refresh_token (hash, session_id, expires_at)
        SELECT ${refreshTokens.hashOf(refreshToken)}, id, expires_at FROM opened`
      return { sessionId, deviceId, refreshToken }
    },

    async refresh(text) {
      const hash = refreshTokens.hashOf(text)
      const select = { session: { select: { userId: true } } } as const
      const known = hash === null ? null : await db.refreshToken.findUnique({ where: { hash }, select })
      if (hash === null || known === null) throw unknownToken()
      const outcome = await db.$transaction(
        (tx) => rotate(tx, known.session.userId, { text, hash }),
        TRANSACTION,
      )
      // Thrown only now: inside the transaction it would undo the end of the family.
      if (outcome instanceof Refusal) throw outcome
      return issue(outcome.account, outcome.session)
    },

    async signOut(identity, isEverywhere) {
      const { userId, sessionId } = requireUser(identity)
      if (sessionId === null && !isEverywhere) return
      const choice = isEverywhere || sessionId === null ? 'ALL' : { sessionId }
      await db.$transaction(async (tx) => {
        await lockAccount(tx, userId)
        await publish(tx, await endSessions(tx, userId, choice, 'SIGNED_OUT'))
      }, TRANSACTION)
    },

    endedSince: (since) => db.$queryRaw`
      SELECT id AS "sessionId", ended_at AS at FROM session
       WHERE ended_at > greatest(${since}::timestamptz, clock_timestamp() - interval '15 minutes')
       ORDER BY ended_at`,
  }
}

interface FoundToken {
  state: TokenState
  isCompromised: boolean
  sessionId: string
  deviceId: string | null
}

async function readToken(tx: Prisma.TransactionClient, hash: string): Promise<FoundToken | undefined> {
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
async function advance(
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

const unknownToken = (): Refusal =>
  new Refusal('CREDENTIALS_WRONG', 'This is not a refresh token of ours: sign in')
const endedSession = (): Refusal => new Refusal('CREDENTIALS_WRONG', 'This session has ended: sign in again')
const reusedToken = (): Refusal =>
  new Refusal(
    'TOKEN_REUSED',
    'This refresh token was used before, so its session has ended: sign in again and store the newest token',
  )
