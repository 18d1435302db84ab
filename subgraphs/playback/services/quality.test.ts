import { expect, test } from 'vitest'
import { BUFFER_SECONDS, chooseQuality, QUALITIES, qualityForNetwork } from './quality.ts'

test.each([
  [0, 'LOW', 30],
  [999, 'LOW', 30],
  [1_000, 'NORMAL', 45],
  [4_999, 'NORMAL', 45],
  [5_000, 'HIGH', 60],
  [10_000, 'HIGH', 60],
  [10_001, 'LOSSLESS', 90],
  [2_147_483_647, 'LOSSLESS', 90],
  [null, 'NORMAL', 45],
] as const)('a network of %s kbps carries %s with %i s ahead', (kbps, quality, buffer) => {
  expect(qualityForNetwork(kbps)).toBe(quality)
  expect(BUFFER_SECONDS[quality]).toBe(buffer)
})

test('FREE is offered up to NORMAL, however fast the network', () => {
  expect(chooseQuality(QUALITIES, { tier: 'FREE', maxQuality: null, wanted: 'LOSSLESS' })).toEqual({
    offered: ['LOW', 'NORMAL'],
    top: 'NORMAL',
    selected: 'NORMAL',
  })
})

test('FREE does not get more by asking for more', () => {
  expect(chooseQuality(QUALITIES, { tier: 'FREE', maxQuality: 'LOSSLESS', wanted: 'HIGH' }).top).toBe(
    'NORMAL',
  )
})

test('a client caps what it is offered, and the token with it', () => {
  expect(chooseQuality(QUALITIES, { tier: 'PREMIUM', maxQuality: 'HIGH', wanted: 'LOSSLESS' })).toEqual({
    offered: ['LOW', 'NORMAL', 'HIGH'],
    top: 'HIGH',
    selected: 'HIGH',
  })
})

test('a missing rendition falls to the next lower one', () => {
  const choice = chooseQuality(['LOW', 'LOSSLESS'], { tier: 'PREMIUM', maxQuality: null, wanted: 'HIGH' })

  expect(choice).toEqual({ offered: ['LOW', 'LOSSLESS'], top: 'LOSSLESS', selected: 'LOW' })
})

test('a cap or a network below everything there is gives the lowest there is', () => {
  const capped = chooseQuality(['HIGH', 'LOSSLESS'], { tier: 'PREMIUM', maxQuality: 'LOW', wanted: 'LOW' })

  expect(capped).toEqual({ offered: ['HIGH'], top: 'HIGH', selected: 'HIGH' })
})

test('nothing is offered when all there is lies above the tier', () => {
  expect(chooseQuality(['HIGH'], { tier: 'FREE', maxQuality: null, wanted: 'LOW' }).offered).toEqual([])
})
