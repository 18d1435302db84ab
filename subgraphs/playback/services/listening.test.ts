import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EventKind, heardMs, inOrder, type PlayerEvent } from './listening.ts'

const seconds = (...steps: [kind: EventKind, position: number, at: number][]): PlayerEvent[] =>
  steps.map(([kind, position, at], index) => ({
    eventId: `e${index}`,
    kind,
    positionMs: position * 1_000,
    at: at * 1_000,
  }))

test('heartbeats add up', () => {
  expect(heardMs(seconds(['START', 0, 0], ['HEARTBEAT', 10, 10], ['HEARTBEAT', 20, 20]))).toBe(20_000)
})

test('a pause is not heard', () => {
  const events = seconds(['START', 0, 0], ['PAUSE', 10, 10], ['HEARTBEAT', 10, 50], ['RESUME', 10, 60])

  expect(heardMs([...events, ...seconds(['COMPLETE', 15, 65])])).toBe(15_000)
})

test('a jump forward is not heard', () => {
  expect(heardMs(seconds(['START', 0, 0], ['SEEK', 100, 5], ['HEARTBEAT', 110, 15]))).toBe(15_000)
  expect(heardMs(seconds(['START', 0, 0], ['HEARTBEAT', 170, 5]))).toBe(5_000)
})

test('a jump while paused is not heard', () => {
  expect(heardMs(seconds(['START', 0, 0], ['PAUSE', 5, 5], ['SEEK', 90, 20], ['RESUME', 90, 30]))).toBe(5_000)
})

test('what is listened to again is heard again', () => {
  expect(heardMs(seconds(['START', 0, 0], ['SEEK', 0, 20], ['HEARTBEAT', 15, 35]))).toBe(35_000)
})

test('a stall is silence', () => {
  expect(heardMs(seconds(['START', 0, 0], ['STALL', 4, 4], ['RESUME', 4, 9], ['SKIP', 6, 11]))).toBe(6_000)
})

test('a faster rate makes no more of a minute than a minute', () => {
  expect(heardMs(seconds(['START', 0, 0], ['HEARTBEAT', 90, 60]))).toBe(60_000)
})

test('nothing follows the end of a playback but a new start', () => {
  expect(heardMs(seconds(['START', 0, 0], ['COMPLETE', 40, 40], ['HEARTBEAT', 80, 80]))).toBe(40_000)
})

test('a playback whose START was lost counts from the first word of it', () => {
  expect(heardMs(seconds(['HEARTBEAT', 10, 10], ['HEARTBEAT', 20, 20]))).toBe(10_000)
})

test('the order in which events arrive does not matter, nor do claims ever come to more than the time between them', () => {
  const events = fc.uniqueArray(
    fc.record({
      eventId: fc.string({ minLength: 1, maxLength: 4 }),
      kind: fc.constantFrom<EventKind>('START', 'HEARTBEAT', 'PAUSE', 'RESUME', 'SEEK', 'STALL', 'COMPLETE'),
      positionMs: fc.integer({ min: 0, max: 300_000 }),
      at: fc.integer({ min: 0, max: 300_000 }),
    }),
    { selector: (event) => event.eventId, minLength: 2, maxLength: 30 },
  )

  fc.assert(
    fc.property(
      events.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      ([sent, arrived]) => {
        const [first, last] = [inOrder(sent)[0], inOrder(sent).at(-1)]

        expect(heardMs(arrived)).toBe(heardMs(sent))
        expect(heardMs(sent)).toBeLessThanOrEqual((last?.at ?? 0) - (first?.at ?? 0))
      },
    ),
  )
})
