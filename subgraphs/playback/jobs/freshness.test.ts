import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Consumer } from '#shared/consumer.ts'
import { metrics } from '#shared/telemetry.ts'
import { createFreshness, type Freshness } from './freshness.ts'

let catchUp: () => void
let asked: number
let freshness: Freshness
const consumer: Consumer = {
  start: () => undefined,
  stop: async () => undefined,
  caughtUp: () => {
    asked++
    return new Promise((resolve) => {
      catchUp = resolve
    })
  },
}
const staleness = async () =>
  Number(/staleness_seconds\{copy="catalogue"\} ([\d.]+)/.exec(await metrics.metrics())?.[1])
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  asked = 0
  freshness = createFreshness({ catalogue: consumer }, Date.now)
  freshness.start()
})
afterEach(async () => {
  await freshness.stop()
  vi.useRealTimers()
})

test('a copy that has all there is grows no older than the next look', async () => {
  await pass(1_000)
  catchUp()
  await pass(500)

  expect(await staleness()).toBe(0.5)
})

test('a copy whose consumer is behind or stands still grows older, and is asked once', async () => {
  await pass(1_000)
  catchUp()
  await pass(30_000)

  expect(asked).toBe(2)
  expect(await staleness()).toBe(30)
})

test('what was caught up with late was fresh at the moment of asking, not of the answer', async () => {
  await pass(1_000)
  catchUp()
  await pass(10_000)
  catchUp()
  await pass(500)

  // Asked at 2 s, answered at 11 s: nothing is known of what was said since.
  expect(await staleness()).toBe(9.5)
})
