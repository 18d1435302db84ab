import { expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { createGate } from './gate.ts'

/** Work that ends when told to. */
function createWork() {
  const ends: (() => void)[] = []
  const begun: number[] = []
  return {
    begun,
    work: (name: number) => () => {
      begun.push(name)
      return new Promise<number>((resolve) => ends.push(() => resolve(name)))
    },
    async endNext() {
      ends.shift()?.()
      await new Promise(setImmediate)
    },
  }
}

test('two work, twenty wait in line, and the next is sent away at once', async () => {
  const gate = createGate(2, 20)
  const { work, begun, endNext } = createWork()
  const results = Array.from({ length: 22 }, (_, name) => gate.run(work(name)))

  await expect(gate.run(work(22))).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  expect(begun).toEqual([0, 1])

  for (let ended = 0; ended < 22; ended++) {
    expect(begun).toHaveLength(Math.min(ended + 2, 22))
    await endNext()
  }
  expect(await Promise.all(results)).toEqual(Array.from({ length: 22 }, (_, name) => name))
  expect(begun).toEqual(Array.from({ length: 22 }, (_, name) => name))
})

test('a place is free again after work that failed', async () => {
  const gate = createGate(1, 0)

  await expect(gate.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await gate.run(() => Promise.resolve('well'))).toBe('well')
})

test('without a queue only those at work are let in', async () => {
  const gate = createGate(1, 0)
  const { work, endNext } = createWork()
  const first = gate.run(work(1))

  await expect(gate.run(work(2))).rejects.toBeInstanceOf(AppError)
  await endNext()
  expect(await first).toBe(1)
})
