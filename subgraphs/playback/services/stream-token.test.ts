import { expect, test } from 'vitest'
import { CLAIMS, NOW, newRing } from '../testing/signed.ts'
import { firstKeyRing, type KeyRing, parseKeyRing } from './key-ring.ts'
import { pairwiseHash, signStream, verifyStream } from './stream-token.ts'

const ring = newRing()

test('a token gives back the claims it was signed for', () => {
  expect(verifyStream(signStream(CLAIMS, ring), ring, NOW)).toEqual(CLAIMS)
})

test('a token dies with the second it names', () => {
  const token = signStream(CLAIMS, ring)

  expect(verifyStream(token, ring, CLAIMS.expiresAt * 1_000 - 1)).toEqual(CLAIMS)
  expect(verifyStream(token, ring, CLAIMS.expiresAt * 1_000)).toBeNull()
})

test('a signature has one spelling: the three others that decode to the same bytes are refused', () => {
  const token = signStream(CLAIMS, ring)
  const body = token.slice(0, -1)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const bytes = (text: string) =>
    Buffer.from(text.slice(text.lastIndexOf('.') + 1), 'base64url').toString('hex')
  const twins = [...alphabet].map((last) => body + last).filter((twin) => bytes(twin) === bytes(token))

  expect(twins).toHaveLength(4)
  expect(twins.filter((twin) => verifyStream(twin, ring, NOW) !== null)).toEqual([token])
})

test('rotating the ring refuses no token that is not over', () => {
  const before = newRing('old')
  const [, oldKey] = [...before.keys][0] ?? []
  const [, newKey] = [...newRing('new').keys][0] ?? []
  const both = new Map([
    ['old', oldKey as Buffer],
    ['new', newKey as Buffer],
  ])
  const added: KeyRing = { active: 'old', keys: both }
  const switched: KeyRing = { active: 'new', keys: both }
  const after: KeyRing = { active: 'new', keys: new Map([['new', newKey as Buffer]]) }
  const accepts = (verifier: KeyRing, signer: KeyRing) =>
    verifyStream(signStream(CLAIMS, signer), verifier, NOW) !== null

  // Servers change one by one: each pair is met while a step of the rotation spreads.
  for (const [one, next] of [
    [before, added],
    [added, switched],
  ] as const)
    for (const signer of [one, next])
      for (const verifier of [one, next]) expect(accepts(verifier, signer)).toBe(true)
  expect(accepts(switched, before)).toBe(true)
  expect(accepts(after, switched)).toBe(true)
  expect(accepts(after, before)).toBe(false)
})

test('a claim that would move the ones behind it is not signed', () => {
  expect(() => signStream({ ...CLAIMS, country: 'SE\nLOW' }, ring)).toThrow()
  expect(() => signStream({ ...CLAIMS, nonce: '' }, ring)).toThrow()
})

test('the hash of a user is the same every time, and another under another key', () => {
  expect(pairwiseHash('user_1', ring)).toMatch(/^[\w-]{22}$/)
  expect(pairwiseHash('user_1', ring)).toBe(pairwiseHash('user_1', ring))
  expect(pairwiseHash('user_1', ring)).not.toBe(pairwiseHash('user_2', ring))
  expect(pairwiseHash('user_1', ring)).not.toBe(pairwiseHash('user_1', newRing()))
})

test('the first ring holds one key of 32 bytes, and it signs', () => {
  const { active, keys } = parseKeyRing(firstKeyRing())

  expect([...keys.keys()]).toEqual([active])
  expect(keys.get(active)).toHaveLength(32)
})

test.each([
  ['no JSON', 'keys'],
  ['an active key that is not there', `{"active":"b","keys":{"a":"${'A'.repeat(43)}"}}`],
  ['a key too short to be one', '{"active":"a","keys":{"a":"AAAA"}}'],
  [
    'three keys',
    JSON.stringify({ active: 'a', keys: { a: 'A'.repeat(43), b: 'B'.repeat(43), c: 'C'.repeat(43) } }),
  ],
])('a ring of %s does not hold', (_, text) => {
  expect(() => parseKeyRing(text)).toThrow()
})
