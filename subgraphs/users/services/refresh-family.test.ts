import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '#shared/errors.ts'
import { createTestRoom, type TestRoom } from '../testing/users-room.ts'
import { createAccessTokens } from './access-tokens.ts'
import { createRefreshTokens } from './refresh-tokens.ts'
import { createSessionService, type SessionService } from './sessions.ts'

const seed = Date.now() % 2 ** 31

/** What a client, a thief or the clock may do; numbers choose among the tokens of the family, 0 the newest. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'refresh', tokens: [0] } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('refresh'),
      tokens: fc.array(fc.nat(6), { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'wait' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'forge' } as const) },
)

test(`whatever is sent, in whatever order, a family has one live token at most, and reuse ends it (seed ${seed})`, async () => {
  await using users = await createTestRoom()
  const tokens = createRefreshTokens('a secret of this test alone')
  const sessions = createSessionService(users.db, await createAccessTokens(users.home), tokens)
  const { userId } = await users.signUp('ann@example.com', { device: null })

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const opened = await users.db.$transaction((tx) => sessions.open(tx, userId, null))
      /** The family as it ought to be: the tokens in order, and which were used too long ago to be repeated. */
      const chain = [opened.refreshToken]
      let stale = 0
      let isEnded = false

      for (const { kind, ...rest } of steps) {
        if (kind === 'wait') {
          await users.db.$executeRaw`
            UPDATE refresh_token SET used_at = used_at - interval '11 seconds' WHERE session_id = ${opened.sessionId}`
          stale = chain.length - 1
        } else if (kind === 'forge') {
          expect(await outcome(sessions, tokens.create())).toBe('CREDENTIALS_WRONG')
        } else {
          const chosen =
            'tokens' in rest ? rest.tokens.map((back) => Math.max(0, chain.length - 1 - back)) : []
          const outcomes = await Promise.all(chosen.map((index) => outcome(sessions, chain[index] ?? '')))
          const isReused = chosen.some((index) => index < stale)
          for (const [place, index] of chosen.entries()) {
            const allowed = [
              ...(isEnded || index < stale ? [] : [tokens.successorOf(chain[index] ?? '')]),
              ...(isEnded || isReused ? ['TOKEN_REUSED'] : []),
            ]
            expect(allowed).toContain(outcomes[place])
          }
          isEnded ||= isReused
          const newest = tokens.successorOf(chain.at(-1) ?? '')
          if (outcomes.includes(newest)) chain.push(newest)
        }
        expect(await live(users, opened.sessionId)).toBe(isEnded ? 0 : 1)
      }
      expect(await endings(users, opened.sessionId)).toBe(isEnded ? 1 : 0)
    }),
    { seed, numRuns: 25 },
  )
}, 60_000)

/** The successor, or the code of the refusal. */
async function outcome(sessions: SessionService, token: string): Promise<string> {
  try {
    return (await sessions.refresh(token)).refreshToken
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

const live = (users: TestRoom, sessionId: string): Promise<number> =>
  users.db.refreshToken.count({ where: { sessionId, usedAt: null, session: { endedAt: null } } })

const endings = async (users: TestRoom, sessionId: string): Promise<number> =>
  (await users.events('users.session-ended.v1')).filter((event) => event['sessionId'] === sessionId).length
