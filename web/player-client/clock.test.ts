import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createServerClock, type PlayerState, positionAt } from './clock.ts'

const STATE: PlayerState = {
  id: 'user_1',
  revision: 1,
  playing: true,
  positionMs: 10_000,
  at: new Date(1_000_000).toISOString(),
  rate: 1,
  repeat: 'OFF',
  shuffle: false,
  device: null,
  revokedBy: null,
  current: {
    queueItemId: '1',
    item: { __typename: 'Track', id: 'track_1', title: 'One', durationMs: 60_000 },
  },
  queue: { totalCount: 0, nodes: [] },
}

test('a player goes on by itself, up to its end, and stands still while it pauses', () => {
  expect(positionAt(STATE, 1_005_000)).toBe(15_000)
  expect(positionAt({ ...STATE, rate: 2 }, 1_005_000)).toBe(20_000)
  expect(positionAt({ ...STATE, playing: false }, 1_005_000)).toBe(10_000)
  expect(positionAt(STATE, 2_000_000)).toBe(60_000)
  expect(positionAt(STATE, 999_000)).toBe(10_000)
})

test('two clients are within 100 ms of one another, however wrong their clocks, where one answer of each took no longer', () => {
  const anyClient = fc.record({
    isOff: fc.integer({ min: -86_400_000, max: 86_400_000 }),
    delays: fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 20 }),
    shortest: fc.integer({ min: 0, max: 99 }),
  })
  fc.assert(
    fc.property(fc.array(anyClient, { minLength: 2, maxLength: 8 }), (clients) => {
      const end = 2_000_000
      const positions = clients.map(({ isOff, delays, shortest }) => {
        let local = 0
        const clock = createServerClock(() => local)
        for (const [index, delay] of [...delays, shortest].entries()) {
          const said = 1_000_000 + index * 1_000
          local = said + delay + isOff
          clock.hear(new Date(said).toISOString())
        }
        local = end + isOff
        return positionAt({ ...STATE, current: null }, clock.now())
      })
      expect(Math.max(...positions) - Math.min(...positions)).toBeLessThan(100)
    }),
  )
})
