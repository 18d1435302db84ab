import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { createAccountAuthenticator } from './account-authenticator.ts'
import type { Authenticator, Visit } from './authenticator.ts'
import { createFakeUsers, type FakeUsers } from './testing/users-room.ts'

let users: FakeUsers
let authenticator: Authenticator

beforeEach(async () => {
  users = await createFakeUsers()
  authenticator = createAccountAuthenticator(users, 'US', createLogger('test', 'silent'))
  await authenticator.start()
})
afterEach(() => authenticator.stop())

const visit = (authorization?: string): Promise<Visit> =>
  authenticator.visit({ headers: { authorization }, address: '192.0.2.1', country: null })

const code = async (authorization: string): Promise<string> =>
  visit(authorization).then(
    () => 'accepted',
    (error: { code: string }) => error.code,
  )

test('nobody is anonymous, in the default country', async () => {
  const { caller, expiresAt } = await visit()

  expect(caller.identity).toMatchObject({ userId: null, country: 'US', role: 'LISTENER' })
  expect(expiresAt).toBe(Number.POSITIVE_INFINITY)
})

test('a good token is its person', async () => {
  const { caller } = await visit(`Bearer ${await users.sign({ role: 'ADMIN', tier: 'PREMIUM' })}`)

  expect(caller.identity).toMatchObject({
    userId: 'user_1',
    sessionId: 's1',
    country: 'SE',
    tier: 'PREMIUM',
    role: 'ADMIN',
  })
})

test('an expired token, another audience, issuer, type or key is UNAUTHENTICATED', async () => {
  const stranger = await createFakeUsers()
  const tokens = [
    await users.sign({}, {}, -1),
    await users.sign({ aud: 'elsewhere' }),
    await users.sign({ iss: 'elsewhere' }),
    await users.sign({}, { typ: 'JWT' }),
    await users.sign({ sid: undefined }),
    await stranger.sign(),
  ]

  for (const token of tokens) expect(await code(`Bearer ${token}`)).toBe('UNAUTHENTICATED')
})

test('no altered byte is accepted', async () => {
  const token = await users.sign()
  const seed = Date.now() % 1_000_000

  await fc.assert(
    fc.asyncProperty(fc.nat(token.length - 1), fc.integer({ min: 33, max: 126 }), async (at, letter) => {
      const altered = token.slice(0, at) + String.fromCharCode(letter) + token.slice(at + 1)
      fc.pre(altered !== token && !isSameSignature(token, altered))
      expect(await code(`Bearer ${altered}`)).toBe('UNAUTHENTICATED')
    }),
    { numRuns: 500, seed },
  )
})

test('a token whose session ended is refused within a second, even if it was seen before', async () => {
  const authorization = `Bearer ${await users.sign({ sid: 's9' })}`
  expect(await code(authorization)).toBe('accepted')
  let isTold = false
  authenticator.onSessionEnd((await visit(authorization)).caller, () => {
    isTold = true
  })

  users.end('s9')

  await expect.poll(() => code(authorization), { timeout: 1_000 }).toBe('UNAUTHENTICATED')
  expect(isTold).toBe(true)
  expect(await code(`Bearer ${await users.sign({ sid: 's10' })}`)).toBe('accepted')
})

test('who begins to listen after the session has ended is told at once, and not if he stops listening', async () => {
  const authorization = `Bearer ${await users.sign({ sid: 's11' })}`
  const { caller } = await visit(authorization)
  users.end('s11')
  await expect.poll(() => code(authorization), { timeout: 1_000 }).toBe('UNAUTHENTICATED')

  const told: string[] = []
  authenticator.onSessionEnd(caller, () => told.push('listener'))
  authenticator.onSessionEnd(caller, () => told.push('deserter'))()
  expect(told).toEqual([])
  await Promise.resolve()

  expect(told).toEqual(['listener'])
})

/** Base64url leaves spare bits in the last letter: two spellings of the same 64 bytes are the same signature. */
function isSameSignature(token: string, altered: string): boolean {
  const [head, body, signature] = token.split('.')
  const [otherHead, otherBody, otherSignature] = altered.split('.')
  const bytes = (text = ''): string => Buffer.from(text, 'base64url').toString('hex')
  return head === otherHead && body === otherBody && bytes(signature) === bytes(otherSignature)
}
