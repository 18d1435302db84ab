import { expect, test } from 'vitest'
import { anonymous, type Identity } from '#shared/identity.ts'
import { listenerOf } from './account.ts'
import { Denial } from './denial.ts'
import { checkDevice } from './play-checks.ts'
import type { PlayFacts } from './play-facts.ts'

const identity: Identity = {
  ...anonymous('SE'),
  userId: 'user_1',
  deviceId: 'own',
  tier: 'PREMIUM',
  version: 7,
}
const facts: PlayFacts = { account: null, device: null, knownVersion: 0, playable: null }

const passes = (deviceId: string, known: Partial<PlayFacts>): boolean => {
  try {
    return checkDevice(identity, deviceId, { ...facts, ...known }).outcome === 'ALLOWED'
  } catch (error) {
    if (error instanceof Denial) return false
    throw error
  }
}

test.each([
  [
    'another of the account, known',
    'other',
    { device: { isRemoved: false, version: 3 }, knownVersion: 9 },
    true,
  ],
  ['another of the account, removed', 'other', { device: { isRemoved: true, version: 3 } }, false],
  ['one nobody has heard of', 'other', {}, false],
  ['the token’s own, not heard of yet', 'own', { knownVersion: 6 }, true],
  ['the token’s own, the news of it in the same change', 'own', { knownVersion: 7 }, true],
  ['the token’s own, gone from what we know since', 'own', { knownVersion: 8 }, false],
  ['the token’s own, removed after the token', 'own', { device: { isRemoved: true, version: 8 } }, false],
  [
    'the token’s own, removed with the token’s version',
    'own',
    { device: { isRemoved: true, version: 7 } },
    false,
  ],
  ['the token’s own, back after it was removed', 'own', { device: { isRemoved: true, version: 6 } }, true],
] as const)('%s: %s %j passes: %s', (_, deviceId, known, expected) => {
  expect(passes(deviceId, known)).toBe(expected)
})

test('tier and country are those of the token or of our copy, whichever is newer', () => {
  const own = { tier: 'FREE', country: 'US' } as const

  expect(listenerOf(identity, null)).toEqual({ tier: 'PREMIUM', country: 'SE' })
  expect(listenerOf(identity, { ...own, version: 6 })).toEqual({ tier: 'PREMIUM', country: 'SE' })
  expect(listenerOf(identity, { ...own, version: 7 })).toEqual({ tier: 'FREE', country: 'US' })
  expect(listenerOf(anonymous('GB'), null)).toEqual({ tier: 'FREE', country: 'GB' })
})
