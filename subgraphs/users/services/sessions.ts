import { Refusal } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { AccountRow, SessionSource } from '../models.ts'
import type { AccessTokens } from './access-tokens.ts'
import { lockAccount, TRANSACTION } from './account-lock.ts'
import { advanceFamily, beginFamily, readToken } from './refresh-family.ts'
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
    if (state === 'FRESH')
      await advanceFamily(tx, found, token.hash, refreshTokens.hashOf(refreshToken) ?? '')
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
      const refreshToken = refreshTokens.create()
      const sessionId = await beginFamily(tx, userId, deviceId, refreshTokens.hashOf(refreshToken) ?? '')
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
      SELECT id AS "sessionId", ended_at AS at
        FROM (SELECT id, ended_at FROM session UNION ALL SELECT id, ended_at FROM ended_session) AS session
       WHERE ended_at > greatest(${since}::timestamptz, clock_timestamp() - interval '15 minutes')
       ORDER BY ended_at`,
  }
}

const unknownToken = (): Refusal =>
  new Refusal('CREDENTIALS_WRONG', 'This is not a refresh token of ours: sign in')
const endedSession = (): Refusal => new Refusal('CREDENTIALS_WRONG', 'This session has ended: sign in again')
const reusedToken = (): Refusal =>
  new Refusal(
    'TOKEN_REUSED',
    'This refresh token was used before, so its session has ended: sign in again and store the newest token',
  )
