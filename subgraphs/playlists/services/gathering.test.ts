import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { createHintTopic } from '#shared/topics/hint-topic.ts'
import { range } from '../testing/playlists-room.ts'
import { createGathering, type Gathering } from './gathering.ts'
import type { Head } from './head.ts'
import { fromHint, toHint } from './presence-message.ts'

const HEAD: Head = {
  playlist: {
    id: 'playlist_0000000000000000000000',
    ownerId: 'ann',
    name: 'Now',
    description: null,
    visibility: 'PUBLIC',
    collaborative: true,
    coverId: null,
    revision: 5,
    itemCount: 0,
    followerCount: 0,
    rankEpoch: 0,
  },
  isDeleted: false,
  members: {},
}

/** Gatherings of as many processes, over hints that arrive at once, unless they are cut off; the clock is the test's. */
function createProcesses(count: number) {
  const cutOff = new Set<number>()
  let said = 0
  const gatherings: Gathering[] = []

  function add(): Gathering {
    const process = gatherings.length
    const gathering = createGathering({
      process: `process ${process}`,
      now: Date.now,
      onChange: () => undefined,
      say(hint) {
        said++
        for (const [other, { hear }] of gatherings.entries())
          if (other !== process && !cutOff.has(process)) hear(hint)
      },
    })
    gatherings.push(gathering)
    return gathering
  }

  while (gatherings.length < count) add()
  return {
    gatherings,
    add,
    cutOff,
    said: () => said,
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 500) {
        await vi.advanceTimersByTimeAsync(500)
        for (const [process, gathering] of gatherings.entries()) if (!cutOff.has(process)) gathering.tick()
      }
    },
    who: (process = 0, head = HEAD) =>
      gatherings[process]?.shownAt(head).viewers.map((it) => [it.userId, it.activity, it.itemId]),
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('who comes is seen in every process, and at once by one that begins to listen later', async () => {
  const { gatherings, add, pass, who } = createProcesses(2)
  gatherings[0]?.enter('ann')
  gatherings[1]?.set('bob', { itemId: 'x', activity: 'DRAGGING' })
  await pass(500)
  const both = [
    ['bob', 'DRAGGING', 'x'],
    ['ann', 'VIEWING', null],
  ]
  expect([who(0), who(1)]).toEqual([both, both])

  const late = add()
  expect(who(2)).toEqual([])
  late.ask()
  await pass(500)
  expect(who(2)).toEqual(both)
})

test('who closes the last stream is there for a moment, and gone within 10 seconds', async () => {
  const { gatherings, pass, who } = createProcesses(2)
  gatherings[0]?.enter('ann')
  gatherings[0]?.enter('ann')
  gatherings[0]?.exit('ann')
  await pass(20_000)
  expect(who(1)).toHaveLength(1)

  gatherings[0]?.exit('ann')
  await pass(4_000)
  expect([who(0), who(1)]).toEqual([[['ann', 'VIEWING', null]], [['ann', 'VIEWING', null]]])
  await pass(2_000)
  expect([who(0), who(1)]).toEqual([[], []])
})

test('who comes back meanwhile has never been away, and does what they did', async () => {
  const { gatherings, pass, who } = createProcesses(2)
  gatherings[0]?.enter('ann')
  gatherings[0]?.set('ann', { itemId: 'x', activity: 'SELECTING' })
  gatherings[0]?.exit('ann')
  await pass(4_000)
  gatherings[0]?.enter('ann')
  await pass(20_000)

  expect(who(1)).toEqual([['ann', 'SELECTING', 'x']])
})

test('those of a process that dies are gone 10 seconds later, and not a few seconds after one lost hint', async () => {
  const { gatherings, cutOff, pass, who } = createProcesses(2)
  gatherings[0]?.enter('ann')
  await pass(500)
  cutOff.add(0)
  await pass(4_000)
  expect(who(1)).toHaveLength(1)

  await pass(6_000)
  expect(who(1)).toEqual([])
})

test('what one says without a stream holds for 10 seconds and is then over', async () => {
  const { gatherings, pass, who } = createProcesses(2)
  gatherings[0]?.set('ann', { itemId: null, activity: 'VIEWING' })
  await pass(8_500)
  expect([who(0)?.length, who(1)?.length]).toEqual([1, 1])
  await pass(1_500)
  expect([who(0), who(1)]).toEqual([[], []])
})

test('what one says to another process than that of the stream holds as long as the stream', async () => {
  const { gatherings, pass, who } = createProcesses(2)
  gatherings[0]?.enter('ann')
  await pass(500)
  gatherings[1]?.set('ann', { itemId: 'x', activity: 'DRAGGING' })
  await pass(30_000)

  for (const process of [0, 1]) expect(who(process)).toEqual([['ann', 'DRAGGING', 'x']])
})

test('a hundred changes a second are said four times a second, the last one too', async () => {
  const { gatherings, pass, said, who } = createProcesses(2)
  gatherings[0]?.enter('ann')
  const before = said()
  for (const n of range(0, 200)) {
    gatherings[0]?.set('ann', { itemId: `item ${n}`, activity: 'DRAGGING' })
    await vi.advanceTimersByTimeAsync(10)
  }
  await pass(500)

  expect(said() - before).toBeGreaterThanOrEqual(8)
  expect(said() - before).toBeLessThanOrEqual(10)
  expect(who(1)).toEqual([['ann', 'DRAGGING', 'item 199']])
})

test('of those who may not see the list nobody is shown', async () => {
  const { gatherings, pass, who } = createProcesses(2)
  for (const userId of ['ann', 'bob', 'eve']) gatherings[0]?.enter(userId)
  await pass(500)
  const closed: Head = {
    ...HEAD,
    playlist: { ...HEAD.playlist, visibility: 'PRIVATE' },
    members: { bob: 'VIEWER' },
  }

  for (const process of [0, 1]) {
    expect(who(process)?.map(([userId]) => userId)).toEqual(['ann', 'bob', 'eve'])
    expect(who(process, closed)?.map(([userId]) => userId)).toEqual(['ann', 'bob'])
  }
})

test('of many the 50 busiest are shown, the same everywhere, and the hint holds them', async () => {
  const { gatherings, pass, who } = createProcesses(2)
  for (const n of range(0, 80)) gatherings[0]?.enter(`idle ${n}`)
  for (const n of range(0, 20)) gatherings[0]?.set(`busy ${n}`, { itemId: 'x', activity: 'SELECTING' })
  await pass(500)

  expect(who(0)).toHaveLength(50)
  expect(
    who(0)
      ?.slice(0, 20)
      .every(([, activity]) => activity === 'SELECTING'),
  ).toBe(true)
  expect(who(1)).toEqual(who(0))
})

test('a hint of 50 people who drag fits through PostgreSQL', async () => {
  const people = new Map(
    range(0, 60).map((n) => [
      derivedId('user', String(n)),
      { itemId: derivedId('item', String(n)), activity: 'DRAGGING' as const, at: Date.now() },
    ]),
  )
  const hint = toHint({ process: '00000000-0000-0000-0000-000000000000', isAsking: true, people })
  const texts: string[] = []
  const topic = createHintTopic(() => ({
    async send(sent) {
      texts.push(...sent)
    },
    close: async () => undefined,
  }))
  topic.say('presence:playlist_0000000000000000000000', hint)

  expect(fromHint(hint).people.size).toBe(50)
  expect(Buffer.byteLength(texts[0] ?? '')).toBeLessThan(8_000)
})

test('the same people are the same object, whatever is said again', async () => {
  const { gatherings, pass } = createProcesses(2)
  gatherings[0]?.enter('ann')
  await pass(500)
  const shown = gatherings[1]?.shownAt(HEAD)
  await pass(10_000)

  expect(gatherings[1]?.shownAt({ ...HEAD })).toBe(shown)
})
