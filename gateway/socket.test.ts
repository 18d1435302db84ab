import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createClient } from 'graphql-ws'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { RoomResponse } from '#shared/room.ts'
import { openSocket, type RawSocket } from './testing/raw-socket.ts'
import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
const sockets: RawSocket[] = []

beforeAll(async () => {
  stage = await openStage({ roomTimeoutMs: 400, admission: { perAddress: 600 } })
})
afterEach(async () => {
  for (const { socket } of sockets.splice(0)) socket.terminate()
  stage.onSubscribe = null
  await expect.poll(stage.openStreams, { timeout: 1_000 }).toBe(0)
})
afterAll(() => stage.stop())

async function open(protocol?: string): Promise<RawSocket> {
  const socket = await openSocket(stage.url, protocol)
  sockets.push(socket)
  return socket
}

async function ready(): Promise<RawSocket> {
  const socket = await open()
  await socket.init()
  return socket
}

const PLAYED = 'subscription($room: ID) { played(room: $room) { n track { title } } }'
const stream = async (count = 1): Promise<Stage['streams'][number]> => {
  await expect.poll(stage.openStreams, { timeout: 2_000 }).toBe(count)
  return stage.streams.at(-1) as Stage['streams'][number]
}

test.each<[string, number, (socket: RawSocket) => void]>([
  ['a second init', 4429, (socket) => socket.send({ type: 'connection_init' })],
  ['what is not JSON', 4400, (socket) => socket.send('{')],
  ['a message without a type', 4400, (socket) => socket.send({})],
  ['a type that nobody knows', 4400, (socket) => socket.send({ type: 'start', id: '1', payload: {} })],
  ['a message that only servers send', 4400, (socket) => socket.send({ type: 'complete_ack' })],
  ['a server’s next', 4400, (socket) => socket.send({ type: 'next', id: '1', payload: {} })],
  ['an id that is not a text', 4400, (socket) => socket.send({ type: 'subscribe', id: 1, payload: {} })],
  ['an empty id', 4400, (socket) => socket.send({ type: 'subscribe', id: '', payload: { query: '{ a }' } })],
  ['a payload without a query', 4400, (socket) => socket.send({ type: 'subscribe', id: '1', payload: {} })],
  ['a ping whose payload is a text', 4400, (socket) => socket.send({ type: 'ping', payload: 'x' })],
  ['bytes', 4400, (socket) => socket.socket.send(randomBytes(8), { binary: true })],
  [
    'text that is not UTF-8',
    1007,
    (socket) => socket.socket.send(Buffer.from([0xff, 0xfe]), { binary: false }),
  ],
  ['a frame of more than 64 KiB', 1009, (socket) => socket.send(' '.repeat(64 * 1024 + 1))],
])('%s closes %i', async (_, code, act) => {
  const socket = await ready()

  act(socket)

  expect((await socket.closed).code).toBe(code)
})

test('a frame of 64 KiB is read, one of 65 fragments is not', async () => {
  const socket = await ready()
  const ping = JSON.stringify({ type: 'ping' })
  socket.send(ping + ' '.repeat(64 * 1024 - ping.length))
  await expect.poll(() => socket.frames.at(-1)?.type).toBe('pong')

  const fragments = (count: number): void => {
    for (let n = 1; n < count; n++) socket.socket.send(' ', { fin: false, binary: false })
    socket.socket.send(ping, { fin: true, binary: false })
  }
  fragments(64)
  await expect.poll(() => socket.frames.filter(({ type }) => type === 'pong').length).toBe(2)
  fragments(65)

  expect((await socket.closed).code).toBe(1008)
})

test('subscribing before the acknowledgement closes 4401', async () => {
  const socket = await open()

  socket.subscribe('1', '{ stage }')

  expect(await socket.closed).toEqual({ code: 4401, reason: 'Unauthorized' })
})

test('another subprotocol closes 4406, none at all as well', async () => {
  const socket = new WebSocket(stage.url.replace('http', 'ws'))
  const code = await new Promise((resolve) => socket.once('close', resolve))

  expect(code).toBe(4406)
  await expect(open('graphql-ws')).rejects.toThrow('subprotocol')
})

test('who says nothing for 3 s is closed 4408', async () => {
  const [silent, late] = [await open(), await open()]
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  await late.init()

  expect((await silent.closed).code).toBe(4408)
  expect(late.socket.readyState).toBe(WebSocket.OPEN)
})

test('an id that runs already closes 4409; one that has ended is free', async () => {
  const socket = await ready()
  socket.subscribe('1', '{ stage }')
  await expect.poll(() => socket.frames.at(-1)).toEqual({ id: '1', type: 'complete' })
  socket.subscribe('1', PLAYED)
  await stream()
  expect(socket.frames.map(({ type }) => type)).toEqual(['connection_ack', 'next', 'complete'])

  socket.subscribe('1', PLAYED)

  expect(await socket.closed).toEqual({ code: 4409, reason: 'Subscriber already exists' })
})

test('an id may be any text', async () => {
  const socket = await ready()
  const ids = ['__proto__', 'constructor', '"\\\u2028', 'é🎵']
  for (const id of ids) socket.subscribe(id, '{ stage }')

  await expect.poll(() => socket.frames.length).toBe(1 + 2 * ids.length)
  for (const id of ids) expect(socket.results(id)).toEqual([{ data: { stage: 'main' } }])
})

test('a ping is answered with its payload, before the acknowledgement too', async () => {
  const socket = await open()
  socket.send({ type: 'ping' })
  socket.send({ type: 'ping', payload: { a: [1, { b: null }] } })
  await socket.init()
  socket.send({ type: 'pong', payload: { unasked: true } })
  socket.send({ type: 'ping', payload: { authorization: 1 } })

  await expect.poll(() => socket.frames.length).toBe(4)
  expect(socket.frames).toEqual([
    { type: 'pong' },
    { type: 'pong', payload: { a: [1, { b: null }] } },
    { type: 'connection_ack' },
    { type: 'pong', payload: { authorization: 1 } },
  ])
})

test('a ping whose payload cannot be written again is answered without it', async () => {
  const socket = await open()
  socket.send(`{"type":"ping","payload":{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`)
  socket.send({ type: 'ping', payload: { a: [[[]]] } })

  await expect.poll(() => socket.frames.length).toBe(2)
  expect(socket.frames).toEqual([{ type: 'pong' }, { type: 'pong', payload: { a: [[[]]] } }])
})

test('events come in order with the other room’s fields in them, and end when the room’s do', async () => {
  const socket = await ready()
  socket.subscribe('1', PLAYED)
  const { emit, channel } = await stream()
  for (let n = 1; n <= 50; n++) emit('played', n)
  channel.close()

  await expect.poll(() => socket.frames.at(-1)).toEqual({ id: '1', type: 'complete' })
  expect(socket.results()).toEqual(
    Array.from({ length: 50 }, (_, at) => ({
      data: { played: { n: at + 1, track: { title: `Title of track-${at + 1}` } } },
    })),
  )
})

test('what a client completes says nothing more, and its id is free at once', async () => {
  const socket = await ready()
  socket.subscribe('1', PLAYED, { room: 'a' })
  const first = await stream()
  socket.send({ id: '1', type: 'complete' })
  socket.send({ id: 'never', type: 'complete' })
  socket.subscribe('1', PLAYED, { room: 'b' })
  await expect.poll(() => stage.streams.at(-1)?.request.variables).toEqual({ room: 'b' })
  const second = await stream()
  first.emit('played', 1)
  second.emit('played', 2)

  await expect.poll(() => socket.results()).toMatchObject([{ data: { played: { n: 2 } } }])
  expect(socket.frames.filter(({ type }) => type === 'complete')).toEqual([])
})

test('what is refused before it runs is an error and leaves the socket open', async () => {
  const socket = await ready()
  socket.subscribe('parse', '{')
  socket.subscribe('unknown', '{ nothing }')
  socket.subscribe('introspection', '{ __schema { types { name } } }')
  socket.subscribe('two', 'subscription { played { n } broadcast { n } }')
  socket.subscribe('variable', PLAYED, { room: { a: 1 } })

  await expect.poll(() => socket.frames.length).toBe(6)
  expect(socket.frames.slice(1).map(({ id, type, payload }) => [id, type, codes(payload)])).toEqual([
    ['parse', 'error', ['GRAPHQL_PARSE_FAILED']],
    ['unknown', 'error', ['GRAPHQL_VALIDATION_FAILED']],
    ['introspection', 'error', ['GRAPHQL_VALIDATION_FAILED']],
    ['two', 'error', ['GRAPHQL_VALIDATION_FAILED']],
    ['variable', 'error', ['BAD_USER_INPUT']],
  ])
})

test('a room that refuses, dies or never opens the stream costs that subscription a coded error', async () => {
  const socket = await ready()
  const answers = new Map<unknown, () => Promise<RoomResponse>>([
    [
      'refuses',
      async () => ({ errors: [{ message: 'No', extensions: { code: 'FORBIDDEN', url: 'http://in' } }] }),
    ],
    ['fails', () => Promise.reject(new TypeError('connect ECONNREFUSED 10.1.2.3'))],
    ['never', () => new Promise(() => undefined)],
  ])
  stage.onSubscribe = ({ variables }) => answers.get(variables?.['room'])?.()
  for (const room of answers.keys()) socket.subscribe(String(room), PLAYED, { room })

  await expect.poll(() => socket.frames.length, { timeout: 2_000 }).toBe(7)
  const result = (id: string): unknown => codes((socket.results(id)[0] as { errors: unknown }).errors)
  expect(result('refuses')).toEqual(['FORBIDDEN'])
  expect(result('fails')).toEqual(['INTERNAL_SERVER_ERROR'])
  expect(result('never')).toEqual(['TIMEOUT'])
  expect(JSON.stringify(socket.frames)).not.toMatch(/10\.1\.2|http:\/\/in/)
  expect(socket.socket.readyState).toBe(WebSocket.OPEN)
})

test('at most 20 operations run on one socket', async () => {
  const socket = await ready()
  for (let n = 1; n <= 21; n++) socket.subscribe(String(n), PLAYED, { room: String(n) })
  await stream(20)

  await expect.poll(() => socket.frames.length).toBe(2)
  expect(socket.frames[1]).toMatchObject({ id: '21', type: 'error' })
  expect(codes(socket.frames[1]?.payload)).toEqual(['RATE_LIMITED'])
  socket.send({ id: '1', type: 'complete' })
  socket.subscribe('21', PLAYED, { room: '21' })
  await expect.poll(() => stage.streams.at(-1)?.request.variables).toEqual({ room: '21' })
})

test('500 sockets that are cut while nothing happens leave nothing open', async () => {
  const clients = await Promise.all(Array.from({ length: 500 }, ready))
  for (const [n, client] of clients.entries()) client.subscribe('1', PLAYED, { room: String(n) })
  await stream(500)

  for (const { socket } of clients) socket.terminate()

  await expect.poll(stage.openStreams, { timeout: 1_000 }).toBe(0)
}, 30_000)

test('as many sockets of one address as there may be, and not one more', async () => {
  const small = await openStage({ admission: { perAddress: 2 } })
  const [first] = [await openSocket(small.url), await openSocket(small.url)]
  await expect(openSocket(small.url)).rejects.toThrow('429')

  first.socket.close()
  await first.closed

  await expect.poll(() => openSocket(small.url).then(() => 'open', String)).toBe('open')
  await small.stop()
})

test.each([
  ['an upgrade elsewhere', '/elsewhere', 404],
  ['one too many', '/graphql', 429],
])('%s is refused, and its connection closed both ways', async (_, path, status) => {
  const full = await openStage({ admission: { perAddress: 0 } })
  const { port } = new URL(full.url)
  const client = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
  const heard: string[] = []
  const closed = new Promise((resolve) => client.once('close', resolve))
  client.on('data', (data) => heard.push(String(data))).on('error', () => undefined)
  client.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`)
  await once(client, 'end')

  // A client that does not close its own half learns by writing that nobody listens.
  const writing = setInterval(() => client.write('x'), 10)
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1_000))])
  clearInterval(writing)

  expect(client.destroyed).toBe(true)
  expect(heard.join('')).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  client.destroy()
  await full.stop()
})

test('the stock client queries, subscribes, and leaves', async () => {
  const client = createClient({
    url: stage.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    keepAlive: 20,
  })
  const query = client.iterate({ query: '{ stage }' })
  expect(await query.next()).toEqual({ done: false, value: { data: { stage: 'main' } } })
  expect((await query.next()).done).toBe(true)

  const events = client.iterate({ query: PLAYED })
  const first = events.next()
  const { emit } = await stream()
  emit('played', 7)
  expect((await first).value).toEqual({ data: { played: { n: 7, track: { title: 'Title of track-7' } } } })
  await expect(client.iterate({ query: '{ nothing }' }).next()).rejects.toMatchObject([
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ])

  await events.return?.()
  await expect.poll(stage.openStreams, { timeout: 1_000 }).toBe(0)
  await client.dispose()
})

test('stopping says 1001 to everybody, also to who does not read', async () => {
  const stopping = await openStage()
  const [reading, paused] = [await openSocket(stopping.url), await openSocket(stopping.url)]
  paused.socket.pause()
  const begun = Date.now()

  await stopping.stop()

  expect((await reading.closed).code).toBe(1001)
  expect(Date.now() - begun).toBeLessThan(4_000)
})

function codes(errors: unknown): unknown[] {
  return (errors as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code)
}
