import { expect, test, vi } from 'vitest'
import { createPasswords } from './passwords.ts'

const passwords = createPasswords({ concurrency: 2, queueLength: 20 })

test('a password is verified by its own hash alone, in any of its Unicode forms', async () => {
  const hashed = await passwords.hash('blåbärssoppa 1')

  expect(await passwords.verify(hashed, 'blåbärssoppa 1'.normalize('NFD'))).toBe(true)
  expect(await passwords.verify(hashed, 'blåbärssoppa 2')).toBe(false)
  expect(await passwords.verify(hashed, '')).toBe(false)
})

test('one password has another hash each time', async () => {
  expect(await passwords.hash('the same password')).not.toBe(await passwords.hash('the same password'))
})

test('without a hash no password is right', async () => {
  for (const password of ['', 'anything at all']) expect(await passwords.verify(null, password)).toBe(false)
})

test('of a burst those beyond the workers and the queue are RATE_LIMITED', async () => {
  const small = createPasswords({ concurrency: 1, queueLength: 1 })

  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => small.verify(null, 'a password')))

  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
    'rejected',
  ])
  expect(outcomes[4]).toMatchObject({ reason: { code: 'RATE_LIMITED' } })
})

test('an overlong password is wrong without being normalised', async () => {
  const hashed = await passwords.hash('')
  const normalize = vi.spyOn(String.prototype, 'normalize')

  expect(await passwords.verify(hashed, 'a\u0316\u0301'.repeat(40_000))).toBe(false)
  expect(normalize).not.toHaveBeenCalled()
  normalize.mockRestore()
})
