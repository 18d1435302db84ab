import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  EMPTY_QUEUE,
  inTurn,
  neighbour,
  type Queue,
  shuffled,
  unshuffled,
  withItems,
  withoutItems,
} from './queue.ts'

const items = (...ids: number[]): { id: number; playableId: string }[] =>
  ids.map((id) => ({ id, playableId: `track_${id % 3}` }))
const queueOf = (...ids: number[]): Queue => withItems(EMPTY_QUEUE, items(...ids), null)

const anySize = fc.integer({ min: 1, max: 60 })
const anySeed = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const upTo = (size: number): number[] => Array.from({ length: size }, (_, index) => index + 1)

test('a shuffle is an order of the same items that its seed alone decides, with the chosen one first', () => {
  fc.assert(
    fc.property(anySize, anySeed, fc.nat(), (size, seed, pick) => {
      const queue = queueOf(...upTo(size))
      const chosen = (pick % size) + 1
      const order = shuffled(queue, seed, chosen)

      expect(order.turns[0]).toBe(chosen)
      expect([...order.turns].sort((one, other) => one - other)).toEqual(upTo(size))
      expect(shuffled(queue, seed, chosen)).toEqual(order)
      expect(unshuffled(order)).toEqual(queue)
    }),
  )
})

test('every order is about as likely as any other', () => {
  const counts = new Map<string, number>()
  for (let seed = 0; seed < 24_000; seed++) {
    const order = shuffled(queueOf(1, 2, 3, 4), seed, null).turns.join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }

  expect(counts.size).toBe(24)
  // A thousand each, give or take five standard deviations.
  expect(Math.min(...counts.values())).toBeGreaterThan(845)
  expect(Math.max(...counts.values())).toBeLessThan(1_155)
})

test('what comes and goes while shuffled is in its place when the old order is back', () => {
  fc.assert(
    fc.property(anySize, anySeed, fc.array(fc.nat(), { maxLength: 20 }), (size, seed, picks) => {
      let plain = queueOf(...upTo(size))
      let mixed = shuffled(plain, seed, 1)
      for (const [index, pick] of picks.entries()) {
        const ids = plain.items.map(({ id }) => id)
        const at = ids[pick % ids.length] ?? null
        const change = (queue: Queue): Queue =>
          pick % 2 === 0
            ? withItems(queue, items(1_000 + index), at)
            : withoutItems(queue, new Set(at === null ? [] : [at]))
        plain = change(plain)
        mixed = change(mixed)
        expect([...mixed.turns].sort()).toEqual([...plain.turns].sort())
      }
      expect(unshuffled(mixed)).toEqual(plain)
    }),
  )
})

test('something put after an item is the next to be played, shuffled or not', () => {
  const mixed = shuffled(queueOf(1, 2, 3, 4, 5), 7, 3)

  const queue = withItems(mixed, items(8, 9), 3)

  expect(queue.turns.slice(0, 3)).toEqual([3, 8, 9])
  expect(unshuffled(queue).turns).toEqual([1, 2, 3, 8, 9, 4, 5])
  expect(inTurn(queue).map(({ id }) => id)).toEqual(queue.turns)
})

test('neighbours are those in turn, and there are none beyond the ends', () => {
  const queue = withItems({ ...queueOf(1, 2, 3), turns: [2, 3, 1] }, [], null)

  expect(neighbour(queue, 3, 1)?.id).toBe(1)
  expect(neighbour(queue, 3, -1)?.id).toBe(2)
  expect([neighbour(queue, 1, 1), neighbour(queue, 2, -1)]).toEqual([null, null])
})
