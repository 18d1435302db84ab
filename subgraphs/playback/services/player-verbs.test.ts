import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '#shared/errors.ts'
import { MAX_QUEUE } from '../config.ts'
import { type LoadedPlayer, newPlayer, type Player, positionAt, settled } from './player.ts'
import * as verbs from './player-verbs.ts'
import { EMPTY_QUEUE, shuffled } from './queue.ts'

const NOW = 1_000_000
const empty: LoadedPlayer = { player: newPlayer('user_1', NOW), queue: EMPTY_QUEUE }
const playing = (...ids: string[]): LoadedPlayer => verbs.playAll(empty, ids, null, 1)
const chosen = ({ player }: LoadedPlayer): string | null => player.playableId
const after = (loaded: LoadedPlayer, change: Partial<Player>): LoadedPlayer => ({
  ...loaded,
  player: { ...loaded.player, ...change },
})
const refusal = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.code
  }
}

test('a player moves on by its rate, not past the end, and not at all while it pauses', () => {
  const player = { ...newPlayer('user_1', NOW), playing: true, positionMs: 1_000, durationMs: 60_000 }

  expect(positionAt(player, NOW + 2_500)).toBe(3_500)
  expect(positionAt({ ...player, rate: 1.5 }, NOW + 2_000)).toBe(4_000)
  expect(positionAt({ ...player, playing: false }, NOW + 2_000)).toBe(1_000)
  expect(positionAt(player, NOW + 3_600_000)).toBe(60_000)
  expect(positionAt(player, NOW - 5_000)).toBe(1_000)
})

test('to describe a player as of later changes nothing of where it will be', () => {
  fc.assert(
    fc.property(
      fc.nat(300_000),
      fc.nat(300_000),
      fc.nat(300_000),
      fc.boolean(),
      (start, first, second, isPlaying) => {
        const player = { ...newPlayer('u', NOW), playing: isPlaying, positionMs: start, durationMs: 300_000 }
        const later = NOW + first + second
        expect(positionAt(settled(player, NOW + first), later)).toBe(positionAt(player, later))
      },
    ),
  )
})

test('behind the last item playing stops at the first, or goes round', () => {
  const last = verbs.next(playing('a', 'b'))
  const end = verbs.next(last)
  const round = verbs.next(after(last, { repeat: 'ALL' }))

  expect([chosen(last), chosen(end), chosen(round)]).toEqual(['b', 'a', 'a'])
  expect([last.player.playing, end.player.playing, round.player.playing]).toEqual([true, false, true])
})

test('before the first item there is the first, or the last', () => {
  const first = playing('a', 'b', 'c')

  expect(chosen(verbs.previous(first))).toBe('a')
  expect(chosen(verbs.previous(after(first, { repeat: 'ALL' })))).toBe('c')
  expect(chosen(verbs.previous(verbs.next(first)))).toBe('a')
})

test('whoever takes away what is chosen chooses the next, and of the last nothing plays', () => {
  const [a, b, c] = playing('a', 'b', 'c').queue.turns as [number, number, number]
  const loaded = playing('a', 'b', 'c')

  expect(chosen(verbs.dequeue(loaded, [a]))).toBe('b')
  expect(chosen(verbs.dequeue(loaded, [a, b]))).toBe('c')
  expect(chosen(verbs.dequeue(loaded, [b]))).toBe('a')
  const none = verbs.dequeue(loaded, [a, b, c])
  expect([none.player.itemId, none.player.playing, none.queue.turns.length]).toEqual([null, false, 0])
  expect(refusal(() => verbs.dequeue(loaded, [99]))).toBe('ITEM_GONE')
})

test('a queue holds so many items and not one more', () => {
  const full = playing(...Array.from({ length: MAX_QUEUE }, () => 'a'))

  expect(full.queue.items).toHaveLength(MAX_QUEUE)
  expect(refusal(() => verbs.enqueue(full, ['a'], false))).toBe('LIMIT_REACHED')
})

test('positions and rates have both their ends', () => {
  const { player } = after(playing('a'), { durationMs: 60_000 })

  expect(verbs.seek(player, 0).positionMs).toBe(0)
  expect(verbs.seek(player, 60_000).positionMs).toBe(60_000)
  expect([-1, 60_001].map((ms) => refusal(() => verbs.seek(player, ms)))).toEqual([
    'BAD_USER_INPUT',
    'BAD_USER_INPUT',
  ])
  expect([0.5, 3].map((rate) => verbs.setRate(player, rate).rate)).toEqual([0.5, 3])
  expect([0.49, 3.01, Number.NaN].map((rate) => refusal(() => verbs.setRate(player, rate)))).toEqual([
    'BAD_USER_INPUT',
    'BAD_USER_INPUT',
    'BAD_USER_INPUT',
  ])
})

test('with nothing chosen there is nothing to do', () => {
  const { player } = empty
  const tries = [
    () => verbs.resume(player),
    () => verbs.seek(player, 0),
    () => verbs.next(empty),
    () => verbs.previous(empty),
  ]

  expect(tries.map(refusal)).toEqual(tries.map(() => 'BAD_USER_INPUT'))
})

/** Any one thing that may be done to a player. */
const anyVerb = fc.oneof(
  fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 }).chain((ids) =>
    fc.constantFrom(
      (loaded: LoadedPlayer) => verbs.playAll(loaded, ids, null, ids.length),
      (loaded: LoadedPlayer) => verbs.enqueue(loaded, ids, false),
      (loaded: LoadedPlayer) => verbs.enqueue(loaded, ids, true),
    ),
  ),
  fc.constantFrom(verbs.next, verbs.previous, verbs.clear),
  fc.nat(1_000).map((seed) => (loaded: LoadedPlayer) => verbs.setShuffle(loaded, seed % 2 === 0, seed)),
  fc.nat(30).map((pick) => (loaded: LoadedPlayer) => verbs.dequeue(loaded, [pick])),
  fc.nat(30).map((pick) => (loaded: LoadedPlayer) => verbs.playItem(loaded, pick)),
  fc.constantFrom('OFF', 'ONE', 'ALL').map((mode) => (loaded: LoadedPlayer) => ({
    ...loaded,
    player: verbs.setRepeat(loaded.player, mode as 'OFF'),
  })),
)

test('whatever is done, ids stay unique, the chosen item is in the queue, and both orders hold the same', () => {
  fc.assert(
    fc.property(fc.array(anyVerb, { maxLength: 60 }), (doings) => {
      let loaded = empty
      const given = new Map<number, string>()
      for (const doing of doings) {
        const before = JSON.stringify(loaded)
        const done = refusal(() => doing(loaded))
        if (typeof done === 'string') {
          expect(JSON.stringify(loaded)).toBe(before)
          continue
        }
        loaded = done as LoadedPlayer
        const { player, queue } = loaded
        const ids = queue.items.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        expect([...queue.turns].sort()).toEqual([...ids].sort())
        for (const { id, playableId } of queue.items) {
          expect(given.get(id) ?? playableId).toBe(playableId)
          given.set(id, playableId)
          expect(id).toBeLessThan(player.nextItemId)
        }
        const item = queue.items.find(({ id }) => id === player.itemId)
        expect(item?.playableId ?? null).toBe(player.playableId)
        expect(player.itemId === null).toBe(queue.items.length === 0)
        if (player.shuffleSeed === null) expect(queue.turns).toEqual(ids)
      }
    }),
    { numRuns: 300 },
  )
})

test('shuffled, a new queue begins where the seed says; unshuffled it is as it was given', () => {
  const mixed = verbs.setShuffle(playing('x'), true, 5)
  const loaded = verbs.playAll(mixed, ['a', 'b', 'c', 'd'], 'context', 9)

  expect(loaded.queue.turns).toEqual(shuffled(loaded.queue, 9, null).turns)
  expect(loaded.player.itemId).toBe(loaded.queue.turns[0])
  expect(loaded.player.contextId).toBe('context')
  const plain = verbs.setShuffle(loaded, false, 0)
  expect(plain.queue.turns).toEqual(plain.queue.items.map(({ id }) => id))
  expect(plain.player.itemId).toBe(loaded.player.itemId)
})
