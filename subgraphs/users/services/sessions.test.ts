import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestRoom, type Json, type Person, type TestRoom } from '../testing/users-room.ts'

let users: TestRoom
let ann: Person

beforeAll(async () => {
  users = await createTestRoom()
  ann = await users.signUp('ann@example.com')
})
afterAll(() => users[Symbol.asyncDispose]())

const refresh = async (refreshToken: string): Promise<Json> =>
  (await users.answer('SessionRefresh', { refreshToken }))['sessionRefresh'] as Json
const successor = async (refreshToken: string): Promise<string> => {
  const payload = await refresh(refreshToken)
  return payload['session']?.['refreshToken'] ?? JSON.stringify(payload['userErrors'])
}
const refusal = async (refreshToken: string): Promise<string | undefined> => {
  const payload = await refresh(refreshToken)
  expect(payload['session']).toBeNull()
  return payload['userErrors']?.[0]?.['code']
}
/** Makes the session's used tokens look used that much longer ago. */
const age = ({ sessionId }: Person, interval: string) =>
  users.db.$executeRaw`
    UPDATE refresh_token SET used_at = used_at - ${interval}::text::interval WHERE session_id = ${sessionId}`
const ended = async ({ sessionId }: Person) =>
  (await users.events('users.session-ended.v1')).filter((event) => event['sessionId'] === sessionId)

test('a repeat within ten seconds has the same successor, whether or not that was used', async () => {
  const person = await users.signIn(ann.email)
  const second = await successor(person.refreshToken)
  const third = await successor(second)
  await age(person, '9 seconds')

  expect(second).not.toBe(person.refreshToken)
  expect(await successor(person.refreshToken)).toBe(second)
  expect(await successor(second)).toBe(third)
  expect(await ended(person)).toEqual([])
})

test('a repeat after ten seconds ends the family, and its newest token is good for nothing', async () => {
  const person = await users.signIn(ann.email)
  const second = await successor(person.refreshToken)
  await age(person, '10 seconds')

  expect(await refusal(person.refreshToken)).toBe('TOKEN_REUSED')
  expect(await refusal(second)).toBe('TOKEN_REUSED')
  expect(await refusal(person.refreshToken)).toBe('TOKEN_REUSED')
  const { sessionId, userId, deviceId } = person
  expect(await ended(person)).toEqual([{ sessionId, userId, deviceId }])
})

test('the end of one family leaves the others alone', async () => {
  const [stolen, other] = [await users.signIn(ann.email), await users.signIn(ann.email)]
  await successor(stolen.refreshToken)
  await age(stolen, '1 minute')
  await refusal(stolen.refreshToken)

  expect(await successor(other.refreshToken)).toMatch(/^rt_/)
})

test('one token sent a hundred times at once has one successor', async () => {
  const { refreshToken, sessionId } = await users.signIn(ann.email)

  const successors = await Promise.all(Array.from({ length: 100 }, () => successor(refreshToken)))

  expect(new Set(successors).size).toBe(1)
  expect(await users.db.refreshToken.count({ where: { sessionId } })).toBe(2)
})

test('a token lives for thirty days and every refresh starts them anew', async () => {
  const person = await users.signIn(ann.email)
  const expireIn = (interval: string) =>
    users.db.$executeRaw`
      UPDATE refresh_token SET expires_at = clock_timestamp() + ${interval}::text::interval
       WHERE session_id = ${person.sessionId} AND used_at IS NULL`
  const daysLeft = async () => {
    const where = { sessionId: person.sessionId, usedAt: null }
    const { expiresAt, session } = await users.db.refreshToken.findFirstOrThrow({
      where,
      include: { session: true },
    })
    expect(session.expiresAt).toEqual(expiresAt)
    return (expiresAt.getTime() - Date.now()) / 86_400_000
  }
  expect(await daysLeft()).toBeCloseTo(30, 2)

  await expireIn('5 seconds')
  const second = await successor(person.refreshToken)
  expect(second).toMatch(/^rt_/)
  expect(await daysLeft()).toBeCloseTo(30, 2)

  await expireIn('0 seconds')
  expect(await refusal(second)).toBe('TOKEN_EXPIRED')
})

test('what we did not issue is CREDENTIALS_WRONG', async () => {
  const { refreshToken } = await users.signIn(ann.email)
  const last = refreshToken.at(-1) === 'A' ? 'E' : 'A'
  const forged = [
    '',
    'rt_',
    `${refreshToken.slice(0, -1)}${last}`,
    `${refreshToken} `,
    `rt_${'A'.repeat(43)}`,
    '\u0000',
  ]

  for (const token of forged) expect(await refusal(token)).toBe('CREDENTIALS_WRONG')
  expect(await successor(refreshToken)).toMatch(/^rt_/)
})

test('of a token only its hash is kept', async () => {
  const person = await users.signIn(ann.email)
  const tokens = [person.refreshToken, await successor(person.refreshToken)]

  const rows = await users.db.refreshToken.findMany({ where: { sessionId: person.sessionId } })
  const kept = JSON.stringify([rows, await users.events('users.session-ended.v1')])

  expect(rows).toHaveLength(2)
  for (const token of tokens) expect(kept).not.toContain(token.slice(3))
})

test('an access token says who, where and in which version, for ten minutes', async () => {
  const { identity, userId, deviceId } = await users.signIn(ann.email)
  const { version } = await users.db.account.findUniqueOrThrow({ where: { id: userId } })

  expect(identity).toEqual({
    userId,
    deviceId,
    sessionId: expect.stringMatching(/^session_/),
    country: 'SE',
    tier: 'FREE',
    role: 'LISTENER',
    artists: [],
    version,
  })
})

test('signing out ends the session one speaks in; everywhere ends all of them, and each once', async () => {
  const people = [await users.signUp('out@example.com'), await users.signIn('out@example.com')]
  const [first, second] = people as [Person, Person]
  const signOut =
    'mutation ($everywhere: Boolean) { signOut(everywhere: $everywhere) { userErrors { code } } }'

  await users.answer(signOut, {}, first.identity)
  expect(await refusal(first.refreshToken)).toBe('CREDENTIALS_WRONG')
  expect(await successor(second.refreshToken)).toMatch(/^rt_/)

  await users.answer(signOut, { everywhere: true }, first.identity)
  await users.answer(signOut, { everywhere: null }, second.identity)
  expect(await refusal(second.refreshToken)).toBe('CREDENTIALS_WRONG')
  for (const person of people) expect(await ended(person)).toHaveLength(1)
})

test('the door learns which sessions ended since, and of none that ended before', async () => {
  const { sessionId, identity } = await users.signIn(ann.email)
  const query = 'query ($since: DateTime!) { sessionsEnded(since: $since) { sessionId at } }'
  const endedSince = (since: number) => users.answer(query, { since: new Date(since).toISOString() })
  await users.answer('SignOut', {}, identity)
  const { endedAt } = await users.db.session.findUniqueOrThrow({ where: { id: sessionId } })
  const at = endedAt?.getTime() ?? 0

  expect(Math.abs(at - Date.now())).toBeLessThan(5_000)
  expect((await endedSince(at - 1))['sessionsEnded']).toContainEqual({
    sessionId,
    at: endedAt?.toISOString(),
  })
  expect((await endedSince(at))['sessionsEnded']).toEqual([])

  // No access token of a session that ended this long ago can be alive: it is of no interest any more.
  await users.db.$executeRaw`
    UPDATE session SET ended_at = ended_at - interval '15 minutes' WHERE id = ${sessionId}`
  expect(JSON.stringify(await endedSince(0))).not.toContain(sessionId)
})
