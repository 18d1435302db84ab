import { expect, test } from 'vitest'
import { CLAIMS, NOW, newRing } from '../testing/signed.ts'
import { createTokenVerifier } from './known-tokens.ts'
import { signStream } from './stream-token.ts'

const ring = newRing()
const token = signStream(CLAIMS, ring)

test('a token that is known opens until it is over, and not a millisecond longer', () => {
  const verify = createTokenVerifier()

  for (let turn = 0; turn < 2; turn++) expect(verify(token, ring, NOW)).toEqual(CLAIMS)
  expect(verify(token, ring, CLAIMS.expiresAt * 1_000 - 1)).toEqual(CLAIMS)
  expect(verify(token, ring, CLAIMS.expiresAt * 1_000)).toBeNull()
})

test('it is good under the ring it verified with alone: a key that leaves takes its tokens along', () => {
  const verify = createTokenVerifier()
  const other = newRing('k2')
  const both = { active: 'k2', keys: new Map([...ring.keys, ...other.keys]) }

  expect(verify(token, ring, NOW)).toEqual(CLAIMS)
  expect(verify(token, both, NOW)).toEqual(CLAIMS)
  expect(verify(token, other, NOW)).toBeNull()
  expect(verify(token, newRing(), NOW)).toBeNull()
  expect(verify(token, both, NOW)).toEqual(CLAIMS)
})

test('no other spelling of a known token opens, one letter changed, cut or added', () => {
  const verify = createTokenVerifier()
  verify(token, ring, NOW)

  for (let place = 0; place < token.length; place++) {
    const letter = token[place] === 'A' ? 'B' : 'A'
    const changed = token.slice(0, place) + letter + token.slice(place + 1)
    const forgeries = [
      changed,
      token.slice(0, place),
      `${token.slice(0, place)}${letter}${token.slice(place)}`,
    ]
    for (const forged of forgeries)
      for (let turn = 0; turn < 2; turn++) expect(verify(forged, ring, NOW)).toBeNull()
  }
})
