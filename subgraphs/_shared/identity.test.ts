import { SignJWT, UnsecuredJWT } from 'jose'
import { afterEach, expect, test, vi } from 'vitest'
import { anonymous, createInternalTokens, type Identity, requireUser } from './identity.ts'

const SECRET = 'a secret of at least thirty-two characters'
const identity: Identity = {
  userId: 'user_0000000000000000000001',
  deviceId: 'device_0000000000000000000001',
  sessionId: 'session_0000000000000000000001',
  country: 'SE',
  tier: 'PREMIUM',
  role: 'LISTENER',
  artists: ['artist_0000000000000000000001'],
  version: 3,
}
const refused = expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } })

afterEach(() => {
  vi.useRealTimers()
})

test('a room reads back exactly who the door said is asking', async () => {
  const tokens = createInternalTokens(SECRET)

  for (const who of [identity, anonymous(null), anonymous('US')])
    expect(await tokens.verify(await tokens.sign(who, 'users'), 'users')).toEqual(who)
})

test('a token for one room is refused by another', async () => {
  const tokens = createInternalTokens(SECRET)
  const token = await tokens.sign(identity, 'users')

  await expect(tokens.verify(token, 'playback')).rejects.toThrow(refused)
})

test('a token of another secret, without signature, or altered in any character is refused', async () => {
  const tokens = createInternalTokens(SECRET)
  const token = await tokens.sign(identity, 'users')
  const unsigned = new UnsecuredJWT({ identity })
    .setIssuer('cadenza-door')
    .setAudience('users')
    .setExpirationTime('60s')
    .encode()
  const altered = Array.from({ length: token.length }, (_, at) => swap(token, at))
  const forged = [
    await createInternalTokens(`another ${SECRET}`).sign(identity, 'users'),
    unsigned,
    '',
    'x.y.z',
  ]

  for (const attempt of [...forged, ...altered])
    await expect(tokens.verify(attempt, 'users'), attempt).rejects.toThrow(refused)
})

test('a token lasts a minute', async () => {
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
  const tokens = createInternalTokens(SECRET)
  const token = await tokens.sign(identity, 'users')

  vi.advanceTimersByTime(59_000)
  expect(await tokens.verify(token, 'users')).toEqual(identity)
  vi.advanceTimersByTime(10_000)

  await expect(tokens.verify(token, 'users')).rejects.toThrow(refused)
})

test('a token that was good for one room is as wrong for another, and in every letter, as before', async () => {
  const tokens = createInternalTokens(SECRET)
  const token = await tokens.sign(identity, 'users')
  await tokens.verify(token, 'users')

  for (const [attempt, room] of [
    [token, 'playback'],
    ...Array.from(token, (_, at) => [swap(token, at), 'users']),
  ])
    await expect(tokens.verify(String(attempt), String(room))).rejects.toThrow(refused)
})

test('a token that does not hold an identity is refused, though the signature fits', async () => {
  const { hkdfSync } = await import('node:crypto')
  const key = new Uint8Array(hkdfSync('sha256', SECRET, 'cadenza', 'room:users', 32))
  const sign = (claims: { identity?: object }, typ: string) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'HS256', typ })
      .setIssuer('cadenza-door')
      .setAudience('users')
      .setExpirationTime('60s')
      .sign(key)
  const tokens = createInternalTokens(SECRET)

  expect(await tokens.verify(await sign({ identity }, 'internal+jwt'), 'users')).toEqual(identity)
  for (const attempt of [
    await sign({}, 'internal+jwt'),
    await sign({ identity: { ...identity, role: 'ROOT' } }, 'internal+jwt'),
    await sign({ identity }, 'at+jwt'),
  ])
    await expect(tokens.verify(attempt, 'users')).rejects.toThrow(refused)
})

test('a verb that needs a person refuses a visitor', () => {
  expect(requireUser(identity).userId).toBe(identity.userId)
  expect(() => requireUser(anonymous('SE'))).toThrow(refused)
})

/** The token with one character changed. */
function swap(token: string, at: number): string {
  return token.slice(0, at) + (token[at] === 'A' ? 'Q' : 'A') + token.slice(at + 1)
}
