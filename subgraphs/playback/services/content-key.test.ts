import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { newRing } from '../testing/signed.ts'
import { unwrapKey, wrapKey } from './content-key.ts'

const ring = newRing()
const key = randomBytes(16)
const file = { assetId: 'asset-1', quality: 'HIGH' } as const

test('a wrapped key shows nothing of the key, and gives it back', () => {
  const row = wrapKey(key, file, ring)

  expect(Buffer.from(row.wrapped).includes(key)).toBe(false)
  expect(unwrapKey(row, file, ring)).toEqual(key)
  expect(wrapKey(key, file, ring).wrapped).not.toEqual(row.wrapped)
})

test('it opens for its own file alone', () => {
  const row = wrapKey(key, file, ring)

  expect(() => unwrapKey(row, { ...file, quality: 'LOSSLESS' }, ring)).toThrow()
  expect(() => unwrapKey(row, { ...file, assetId: 'asset-2' }, ring)).toThrow()
})

test('one bit changed anywhere, or another wrapping key, opens nothing', () => {
  const { kek, wrapped } = wrapKey(key, file, ring)

  for (let place = 0; place < wrapped.length; place++) {
    const altered = Uint8Array.from(wrapped, (byte, index) => (index === place ? byte ^ 1 : byte))
    expect(() => unwrapKey({ kek, wrapped: altered }, file, ring)).toThrow()
  }
  expect(() => unwrapKey({ kek, wrapped }, file, newRing())).toThrow()
  expect(() => unwrapKey({ kek, wrapped }, file, newRing('k2'))).toThrow()
})
