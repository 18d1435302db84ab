import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Room, RoomResponse } from '#shared/room.ts'
import { type Channel, createChannel } from '#shared/streams.ts'
import { createLogger } from '#shared/telemetry.ts'
import { CATALOG_CHANGES, followChanges, USERS_CHANGES } from './changed-entities.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())

type Stream = Channel<RoomResponse>

/** A room whose streams the test holds, and what the door was told to let go of. */
function open() {
  const streams: Stream[] = []
  const evicted: string[] = []
  let openStreams = 0
  let isAway = false
  const room: Room = {
    name: 'catalog',
    execute: async () => ({}),
    async subscribe() {
      if (isAway) throw new Error('away')
      openStreams++
      const stream = createChannel<RoomResponse>({ onClose: () => openStreams-- })
      streams.push(stream)
      return stream
    },
    isReady: async () => true,
  }
  const kept = {
    evict: (typename: string, id: string) => void evicted.push(`${typename} ${id}`),
    evictAll: () => void evicted.push('all'),
  }
  return {
    start: () => followChanges(room, CATALOG_CHANGES, kept, createLogger('test', 'silent')),
    say: (...names: string[]) =>
      streams.at(-1)?.push({ data: { entitiesChanged: names.map((id) => ({ typename: 'Track', id })) } }),
    end: (error?: Error) => streams.at(-1)?.close(error),
    setAway: (value: boolean) => {
      isAway = value
    },
    opened: () => streams.length,
    openStreams: () => openStreams,
    evicted,
  }
}

test('what changes is let go of, and everything once when the stream is there', async () => {
  const room = open()
  const stop = room.start()
  await vi.advanceTimersByTimeAsync(0)
  room.say('1', '2')
  room.say('__proto__')
  await vi.advanceTimersByTimeAsync(0)
  stop()

  expect(room.evicted).toEqual(['all', 'Track 1', 'Track 2', 'Track __proto__'])
})

test.each([
  ['ends', (room: ReturnType<typeof open>) => room.end()],
  ['breaks', (room: ReturnType<typeof open>) => room.end(new Error('away'))],
  ['says what cannot be read', (room: ReturnType<typeof open>) => room.say(7 as unknown as string)],
])('a stream that %s is opened again, after which anything may have changed', async (_, hurt) => {
  const room = open()
  const stop = room.start()
  await vi.advanceTimersByTimeAsync(0)
  hurt(room)
  await vi.advanceTimersByTimeAsync(999)
  expect(room.opened()).toBe(1)

  await vi.advanceTimersByTimeAsync(1)
  room.say('1')
  await vi.advanceTimersByTimeAsync(0)
  stop()

  expect(room.evicted).toEqual(['all', 'all', 'Track 1'])
})

test('a room that is away is asked again, and nothing is followed after the end', async () => {
  const room = open()
  room.setAway(true)
  const stop = room.start()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(room.evicted).toEqual([])
  room.setAway(false)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(room.openStreams()).toBe(1)

  stop()
  await vi.advanceTimersByTimeAsync(10_000)

  expect(room.openStreams()).toBe(0)
  expect(room.opened()).toBe(1)
})

test('a stream that opens after the end is left at once', async () => {
  const room = open()

  room.start()()
  await vi.advanceTimersByTimeAsync(2_000)

  expect([room.opened(), room.openStreams()]).toEqual([1, 0])
})

test('of the users room, people are named', () => {
  expect(USERS_CHANGES.entitiesOf({ usersChanged: ['user_1'] })).toEqual([{ typename: 'User', id: 'user_1' }])
  expect(() => USERS_CHANGES.entitiesOf({})).toThrow()
})
