import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { RoomResponse } from '#shared/room.ts'
import { createChannel } from '#shared/streams.ts'
import { openSocket, type RawSocket } from './testing/raw-socket.ts'
import { type OpenStream, openStage, type Stage } from './testing/stage.ts'

let stage: Stage
const sockets: RawSocket[] = []

beforeAll(async () => {
  // So that a test can have the heart beat.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  stage = await openStage()
})
afterEach(async () => {
  for (const { socket } of sockets.splice(0)) socket.terminate()
  await expect.poll(stage.openStreams, { timeout: 1_000 }).toBe(0)
})
afterAll(async () => {
  await stage.stop()
  vi.useRealTimers()
})

const KIND = 'subscription { broadcast { n kind } }'
const OWN = 'subscription($room: ID) { played(room: $room) { n kind } }'
const HEARTBEAT_MS = 12_000
/** Larger than what is in the sockets' buffers by the time 128 of them wait. */
const LONG = 'x'.repeat(8_000)

async function subscriber(query: string): Promise<RawSocket> {
  const socket = await openSocket(stage.url)
  sockets.push(socket)
  await socket.init()
  const before = stage.streams.length
  socket.subscribe('1', query, { room: String(sockets.length) })
  socket.send({ type: 'ping' })
  await expect.poll(() => socket.frames.at(-1)?.type).toBe('pong')
  if (query === OWN) await expect.poll(() => stage.streams.length).toBe(before + 1)
  return socket
}

/** Emits events one by one, as fast as the subscriber gets them. */
async function emitTo(
  reader: RawSocket,
  { emit }: OpenStream,
  field: string,
  from: number,
  count: number,
): Promise<void> {
  for (let n = from; n < from + count; n++) {
    emit(field, n, { kind: LONG })
    if (n % 50 === 0) await expect.poll(() => numbers(reader).at(-1), { interval: 1 }).toBe(n)
  }
  await expect.poll(() => numbers(reader).at(-1), { interval: 1 }).toBe(from + count - 1)
}

function numbers({ results }: RawSocket, id?: string): (number | undefined)[] {
  return results(id).map((result) => {
    const { data } = result as { data: Record<string, { n: number }> }
    return Object.values(data)[0]?.n
  })
}

test('of many on one stream, who does not read is cut off 1013; the others miss nothing', async () => {
  const [reader, paused] = [await subscriber(KIND), await subscriber(KIND)]
  paused.socket.pause()

  await emitTo(reader, stage.streams.at(-1) as OpenStream, 'broadcast', 1, 3_000)
  paused.socket.resume()

  expect(await paused.closed).toEqual({ code: 1013, reason: 'Too slow: connect again to resume' })
  expect(numbers(reader)).toEqual(Array.from({ length: 3_000 }, (_, at) => at + 1))
  const received = numbers(paused)
  expect(received).toEqual(received.map((_, at) => at + 1)) // up to the cut nothing is missing, nothing out of order
  expect(reader.socket.readyState).toBe(reader.socket.OPEN)
}, 30_000)

test('memory stays as it is while 20 clients do not read 20 MB each', async () => {
  const reader = await subscriber(KIND)
  const paused = await Promise.all(Array.from({ length: 20 }, () => subscriber(KIND)))
  for (const { socket } of paused) socket.pause()
  const heap = (): number => {
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = heap()

  await emitTo(reader, stage.streams.at(-1) as OpenStream, 'broadcast', 1, 2_500)

  // Of which 20 MB are what the test itself has received.
  expect((heap() - before) / 2 ** 20).toBeLessThan(120)
}, 30_000)

test('a stream of one’s own waits for its only reader, who then gets everything', async () => {
  const reader = await subscriber(OWN)
  const { emit, request } = stage.streams.at(-1) as OpenStream
  reader.socket.pause()
  for (let n = 1; n <= 1_000; n++) emit('played', n, { kind: LONG })
  await new Promise((resolve) => setTimeout(resolve, 300))

  reader.socket.resume()

  await expect.poll(() => numbers(reader).length, { timeout: 5_000 }).toBe(1_000)
  expect(numbers(reader)).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1))
  expect(request.variables).toEqual({ room: '1' })
}, 20_000)

test('20 long lists at once on one socket are no reason to cut it off', async () => {
  const [BLOCKS, LISTS] = [60, 20]
  const reader = await openSocket(stage.url)
  sockets.push(reader)
  await reader.init()
  stage.onSubscribe = async ({ variables }) => {
    const channel = createChannel<RoomResponse>()
    const kind = `${variables?.['room']}`.padEnd(40_000, '.')
    for (let n = 1; n <= BLOCKS; n++) channel.push({ data: { played: { __typename: 'Play', n, kind } } })
    channel.close()
    return channel
  }
  reader.socket.pause()
  for (let n = 0; n < LISTS; n++) reader.subscribe(String(n), OWN, { room: String(n) })
  await new Promise((resolve) => setTimeout(resolve, 200))
  reader.socket.resume()

  await expect
    .poll(() => reader.frames.filter(({ type }) => type === 'complete').length, { timeout: 10_000 })
    .toBe(LISTS)
  stage.onSubscribe = null
  for (let n = 0; n < LISTS; n++) {
    expect(numbers(reader, String(n))).toEqual(Array.from({ length: BLOCKS }, (_, at) => at + 1))
  }
}, 20_000)

test('a room that had to keep more for its reader than it does: 1013 as well', async () => {
  const reader = await subscriber(OWN)
  const { emit } = stage.streams.at(-1) as OpenStream
  reader.socket.pause()
  for (let n = 1; n <= 3_000; n++) {
    emit('played', n, { kind: LONG })
    if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  }

  reader.socket.resume()

  expect((await reader.closed).code).toBe(1013)
}, 20_000)

test('a client that pings and does not read is cut off', async () => {
  const socket = await subscriber(OWN)
  socket.socket.pause()
  const payload = { text: 'x'.repeat(60_000) }
  for (let n = 0; n < 200; n++) {
    socket.send({ type: 'ping', payload })
    if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await new Promise((resolve) => setTimeout(resolve, 100))

  socket.socket.resume()

  expect((await socket.closed).code).toBe(1013)
}, 20_000)

test('whose only reader takes nothing between two heartbeats: 1013', async () => {
  const reader = await subscriber(OWN)
  const { emit } = stage.streams.at(-1) as OpenStream
  reader.socket.pause()
  for (let n = 1; n <= 1_000; n++) emit('played', n, { kind: LONG })
  await new Promise((resolve) => setTimeout(resolve, 200))

  vi.advanceTimersByTime(HEARTBEAT_MS)
  expect(stage.openStreams()).toBe(1)
  vi.advanceTimersByTime(HEARTBEAT_MS)

  await expect.poll(stage.openStreams).toBe(0)
  reader.socket.resume()
  expect((await reader.closed).code).toBe(1013)
})

test('who does not answer a heartbeat before the next is gone; who does stays', async () => {
  const alive = await subscriber(OWN)
  const dead = new WebSocket(stage.url.replace('http', 'ws'), 'graphql-transport-ws', { autoPong: false })
  const code = new Promise((resolve) => dead.once('close', resolve))
  await new Promise((resolve) => dead.once('open', resolve))

  for (let beat = 0; beat < 3; beat++) {
    vi.advanceTimersByTime(HEARTBEAT_MS)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }

  expect(await code).toBe(1006)
  expect(alive.socket.readyState).toBe(WebSocket.OPEN)
})
