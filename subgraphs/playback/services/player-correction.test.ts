import { expect, test } from 'vitest'
import { newPlayer, type Player, positionAt } from './player.ts'
import { correctionOf, type HeardEvent, movedOn } from './player-correction.ts'

const AT = 1_000_000
const PLAYER: Player = {
  ...newPlayer('user_1', AT),
  playing: true,
  positionMs: 10_000,
  itemId: 1,
  playableId: 'a',
  durationMs: 60_000,
}
const QUEUE = {
  items: ['a', 'b', 'c'].map((playableId, index) => ({ id: index + 1, playableId })),
  turns: [1, 3, 2],
}
/** Twenty seconds after the player was last told anything: it is at 30,000 by itself. */
const heard = (positionMs: number, more: Partial<HeardEvent> = {}): HeardEvent => ({
  ...{ playbackId: 'playback_1', kind: 'HEARTBEAT', positionMs, at: AT + 20_000, receivedAt: AT + 20_000 },
  ...more,
})
const placeAfter = (event: HeardEvent, player = PLAYER): number | null => {
  const after = correctionOf(player, event)
  return after === null ? null : positionAt(after, event.receivedAt)
}

test.each([
  [28_000, null],
  [32_000, null],
  [27_999, 27_999],
  [32_001, 32_001],
  [0, 0],
  [70_000, 60_000],
])('a report of %i ms where 30,000 is expected: %s', (positionMs, place) => {
  expect(placeAfter(heard(positionMs))).toBe(place)
})

test('what the device’s clock or the way explains is no difference, and what is a minute late is not believed', () => {
  const late = (ms: number, positionMs: number) => placeAfter(heard(positionMs, { at: AT + 20_000 - ms }))

  expect(late(15_000, 15_000)).toBeNull()
  expect(late(15_000, 30_000)).toBeNull()
  expect(late(15_000, 12_000)).toBe(12_000)
  expect(late(60_001, 0)).toBeNull()
  expect(late(-86_400_000, 30_000)).toBeNull()
  expect(late(-86_400_000, 40_000)).toBe(40_000)
})

test('a report that may be from before the last change moves nothing', () => {
  const soon = AT + 4_999

  expect(placeAfter(heard(0, { receivedAt: soon, at: soon }))).toBeNull()
  expect(placeAfter(heard(0, { receivedAt: AT + 5_000, at: AT + 5_000 }))).toBe(0)
})

test('a device that pauses by itself has the player paused there, and none makes a paused one play', () => {
  const paused = { ...PLAYER, playing: false }

  expect(correctionOf(PLAYER, heard(30_000, { kind: 'PAUSE' }))).toMatchObject({
    playing: false,
    positionMs: 30_000,
  })
  expect(correctionOf(paused, heard(55_000))).toBeNull()
  expect(correctionOf(paused, heard(55_000, { kind: 'SEEK' }))).toMatchObject({
    playing: false,
    positionMs: 55_000,
  })
  expect(correctionOf(PLAYER, heard(55_000, { kind: 'SKIP' }))).toBeNull()
})

test('what is next in turn and is heard is what the player is at; anything else is not of the queue', () => {
  const loaded = { player: PLAYER, queue: QUEUE }
  const of = (heardId: string) => ({ heardId, heardMs: 40_000 })

  expect(movedOn(loaded, of('c'), heard(1_500))).toMatchObject({
    itemId: 3,
    playableId: 'c',
    positionMs: 1_500,
    playing: true,
  })
  expect(movedOn(loaded, of('c'), heard(40_001))).toMatchObject({ itemId: 3, positionMs: 40_000 })
  expect(movedOn(loaded, of('b'), heard(1_500))).toBeNull()
  expect(movedOn(loaded, of('x'), heard(1_500))).toBeNull()
  expect(movedOn(loaded, of('c'), heard(1_500, { kind: 'PAUSE' }))).toBeNull()
  const last = { player: { ...PLAYER, itemId: 2, playableId: 'b' }, queue: QUEUE }
  expect(movedOn(last, of('a'), heard(0, { kind: 'START' }))).toMatchObject({ itemId: 1, positionMs: 0 })
})
