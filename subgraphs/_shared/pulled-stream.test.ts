import { expect, test, vi } from 'vitest'
import { createBell } from './bell.ts'
import { createPulledStream } from './pulled-stream.ts'

test('items come as they are asked for, and the last one ends it', async () => {
  const items = [1, 2, 3]
  const close = vi.fn()
  const pull = vi.fn(async () => ({ item: items.shift() ?? 0, isLast: items.length === 0 }))
  const stream = createPulledStream(pull, close)

  expect((await stream.next()).value).toBe(1)
  expect(pull).toHaveBeenCalledTimes(1)
  const rest: number[] = []
  for await (const item of stream) rest.push(item)

  expect(rest).toEqual([2, 3])
  expect(close).toHaveBeenCalledTimes(1)
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  expect(pull).toHaveBeenCalledTimes(3)
})

test('who leaves while they wait is let go at once, and everything is freed', async () => {
  const bell = createBell()
  let isOver = false
  const stream = createPulledStream<number>(
    async () => {
      while (!isOver) await bell.rest(null)
      return null
    },
    () => {
      isOver = true
      bell.ring()
    },
  )
  const waiting = stream.next()
  await stream.return?.()

  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(isOver).toBe(true)
})

test('a pull that fails is told, and frees everything', async () => {
  const close = vi.fn()
  const stream = createPulledStream(async () => {
    throw new Error('away')
  }, close)

  await expect(stream.next()).rejects.toThrow('away')
  expect(close).toHaveBeenCalledTimes(1)
  expect((await stream.next()).done).toBe(true)
  await stream.return?.()
  expect(close).toHaveBeenCalledTimes(1)
})

test('a bell wakes the one who waits, or time does', async () => {
  const bell = createBell()
  bell.ring() // nobody waits
  const woken = bell.rest(null)
  bell.ring()
  await woken
  const begun = performance.now()
  await bell.rest(30)

  expect(performance.now() - begun).toBeGreaterThan(25)
})
