import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildSchema, GraphQLError } from 'graphql'
import type { OperationResult } from 'graphql-ws'
import { useServer as serveProtocol } from 'graphql-ws/use/ws'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { AppError } from '#shared/errors.ts'
import { anonymous } from '#shared/identity.ts'
import type { Room, RoomResponse } from '#shared/room.ts'
import { type Channel, createChannel } from '#shared/streams.ts'
import { createFaultProxy, type FaultProxy, saying, silent } from '../testing/fault-proxy.ts'
import { createRemoteRoom, type RemoteRoomOptions } from './remote-room.ts'

type Stream = AsyncIterableIterator<RoomResponse>

interface Event {
  data: { ticks: number; pad?: string }
}

const QUERY = 'subscription { ticks }'
const TIMEOUT_MS = 300

/** What the rooms below have open, and what they were told of the caller. */
let streams: Set<Channel<Event>>
let callers: unknown[]
let server: Server
let proxy: FaultProxy

beforeEach(() => {
  streams = new Set()
  callers = []
})
afterEach(async () => {
  await proxy?.close()
  server?.closeAllConnections()
  server?.close()
})

function source(): Channel<Event> {
  const channel: Channel<Event> = createChannel({ onClose: () => streams.delete(channel) })
  streams.add(channel)
  return channel
}

async function listen(made: Server): Promise<void> {
  server = made
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await createFaultProxy((server.address() as AddressInfo).port)
}

/** A room that speaks graphql-transport-ws by its own library. */
async function serveSockets(): Promise<void> {
  const made = createServer()
  serveProtocol(
    {
      schema: buildSchema('type Query { a: Int } type Subscription { ticks: Int }'),
      onConnect: ({ connectionParams, extra }) => {
        callers.push({ ...connectionParams, header: extra.request.headers['authorization'] })
      },
      subscribe: ({ variableValues }) =>
        (variableValues?.['refuse']
          ? { errors: [new GraphQLError('No ticks for you')] }
          : source()) as OperationResult,
    },
    new WebSocketServer({ server: made }),
  )
  await listen(made)
}

/** A room that speaks graphql-sse. */
async function serveEvents(): Promise<void> {
  await listen(
    createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      callers.push({ header: request.headers.authorization })
      if (JSON.parse(Buffer.concat(chunks).toString()).variables?.refuse) {
        response.end('{"errors":[{"message":"No ticks for you"}]}')
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).write(':\n\n')
      const channel = source()
      response.on('close', () => void channel.return?.())
      for await (const event of channel) {
        if (!response.write(`event: next\ndata: ${JSON.stringify(event)}\n\n`)) await once(response, 'drain')
      }
      response.end('event: complete\ndata:\n\n')
    }),
  )
}

function openRoom(options: Partial<RemoteRoomOptions> = {}): Room {
  return createRemoteRoom({
    name: 'clock',
    url: `http://127.0.0.1:${proxy.port}/graphql`,
    timeoutMs: TIMEOUT_MS,
    subscriptions: 'ws',
    headersOf: ({ headers = {} }) => headers,
    ...options,
  })
}

const subscribe = async (room: Room, variables = {}): Promise<Stream> =>
  (await room.subscribe({
    query: QUERY,
    variables,
    identity: anonymous(null),
    headers: { authorization: 'Bearer me' },
  })) as Stream

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'OK',
    (error: AppError) => error.code ?? String(error),
  )

const tick = (ticks: number): void => {
  for (const stream of streams) stream.push({ data: { ticks } })
}

/** What has really gone out: not what waits in the socket. */
const sentOver = (socket: Socket | undefined): number =>
  socket === undefined ? 0 : socket.bytesWritten - socket.writableLength

/** A figure that has stopped to grow. */
async function settled(read: () => number): Promise<number> {
  let [before, now] = [-1, read()]
  while (now !== before) {
    await sleep(250)
    ;[before, now] = [now, read()]
  }
  return now
}

describe.each([
  { subscriptions: 'ws' as const, serve: serveSockets },
  { subscriptions: 'sse' as const, serve: serveEvents },
])('over $subscriptions', ({ subscriptions, serve }) => {
  beforeEach(serve)

  test('events come in their order, to the end', async () => {
    const stream = await subscribe(openRoom({ subscriptions }))
    await expect.poll(() => streams.size).toBe(1)
    for (const ticks of [1, 2, 3]) tick(ticks)
    for (const channel of streams) channel.close()

    const events: unknown[] = []
    for await (const { data } of stream) events.push(data)

    expect(events).toEqual([{ ticks: 1 }, { ticks: 2 }, { ticks: 3 }])
    expect(callers).toEqual([expect.objectContaining({ header: 'Bearer me' })])
    await expect.poll(() => proxy.open).toBe(0)
  })

  test('what the room refuses is told in its words', async () => {
    const answer = await subscribe(openRoom({ subscriptions }), { refuse: true })

    const told = Symbol.asyncIterator in answer ? (await answer.next()).value : answer
    expect(told).toMatchObject({ errors: [{ message: 'No ticks for you' }] })
    await expect.poll(() => proxy.open).toBe(0)
  })

  test('a subscriber who leaves a quiet stream ends it at the room within a second', async () => {
    const stream = await subscribe(openRoom({ subscriptions }))
    await expect.poll(() => streams.size).toBe(1)
    const waiting = stream.next()

    await stream.return?.()

    expect((await waiting).done).toBe(true)
    await expect.poll(() => streams.size, { timeout: 1_000 }).toBe(0)
    await expect.poll(() => proxy.open, { timeout: 1_000 }).toBe(0)
  })

  test('500 streams that are opened and left leave nothing behind', async () => {
    const room = openRoom({ subscriptions, timeoutMs: 10_000 })
    const all: Awaited<ReturnType<typeof subscribe>>[] = []
    // Some at a time: a room has three seconds to acknowledge a socket, and a busy machine has to dial them all.
    while (all.length < 500)
      all.push(...(await Promise.all(Array.from({ length: 25 }, () => subscribe(room)))))
    await expect.poll(() => streams.size, { timeout: 5_000 }).toBe(500)

    await Promise.all(all.map((stream) => stream.return?.()))

    await expect.poll(() => streams.size, { timeout: 1_000 }).toBe(0)
    await expect.poll(() => proxy.open, { timeout: 1_000 }).toBe(0)
  }, 20_000)

  test('a room waits for a reader who does not read, through heartbeats, and he misses nothing', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const sockets: Socket[] = []
    server.on('connection', (socket) => sockets.push(socket))
    const stream = await subscribe(openRoom({ subscriptions, timeoutMs: 5_000 }))
    await expect.poll(() => streams.size).toBe(1)
    const pad = 'x'.repeat(100_000)
    for (const channel of streams) {
      for (let ticks = 1; ticks <= 500; ticks++) channel.push({ data: { ticks, pad } })
      channel.close()
    }
    const sent = await settled(() => sentOver(sockets[0]))
    for (let beat = 0; beat < 3; beat++) {
      vi.advanceTimersByTime(15_000)
      await sleep(20)
    }
    vi.useRealTimers()

    let expected = 0
    for await (const { data } of stream) expect(data?.['ticks']).toBe(++expected)
    expect(expected).toBe(500)
    expect(sent).toBeLessThan(40_000_000)
  }, 20_000)

  test('a stream whose connection breaks fails with a code, and only that one', async () => {
    const room = openRoom({ subscriptions })
    const broken = await subscribe(room)
    await expect.poll(() => streams.size).toBe(1)
    const waiting = codeOf(broken.next())

    await proxy.behave((client, reach) => void reach().pipe(client).pipe(reach()))
    expect(await waiting).toBe('UNAVAILABLE')
    await expect.poll(() => streams.size).toBe(0)
  })

  test('a room that says nothing is late, and one that is not there is away', async () => {
    await proxy.behave(silent)
    expect(await codeOf(subscribe(openRoom({ subscriptions })))).toBe('TIMEOUT')
    await expect.poll(() => proxy.open).toBe(0)

    await proxy.behave(null)
    expect(await codeOf(subscribe(openRoom({ subscriptions })))).toBe('UNAVAILABLE')
  })

  test('an event may be as long as the limit, and no longer', async () => {
    const length = JSON.stringify({ data: { ticks: 1, pad: '' } }).length + 200
    const room = openRoom({ subscriptions, answerLimitBytes: length })
    const send = async (pad: number): Promise<string> => {
      const stream = await subscribe(room)
      await expect.poll(() => streams.size).toBe(1)
      for (const channel of streams) channel.push({ data: { ticks: 1, pad: 'x'.repeat(pad) } })
      const code = await codeOf(stream.next())
      await stream.return?.()
      await expect.poll(() => streams.size).toBe(0)
      return code
    }

    expect(await send(100)).toBe('OK')
    expect(await send(300)).toBe('UNAVAILABLE')
  })
})

/** A room whose sockets do as the test says. */
async function serveBadly(
  behave: (socket: WebSocket, say: (message: unknown) => void) => void,
): Promise<void> {
  const made = createServer()
  const sockets = new WebSocketServer({ server: made, handleProtocols: () => 'graphql-transport-ws' })
  sockets.on('connection', (socket) => behave(socket, (message) => socket.send(JSON.stringify(message))))
  await listen(made)
}

/** Acknowledges what opens a connection, and answers a subscription with these messages. */
const answering =
  (...messages: unknown[]) =>
  (socket: WebSocket, say: (message: unknown) => void): void => {
    socket.on('message', (text) => {
      const { type } = JSON.parse(String(text))
      if (type === 'connection_init') say({ type: 'connection_ack' })
      if (type === 'subscribe') for (const message of messages) say(message)
    })
  }

describe('a room whose sockets misbehave', () => {
  test.each<[string, Parameters<typeof serveBadly>[0], string]>([
    ['never acknowledges', () => undefined, 'TIMEOUT'],
    [
      'talks before it acknowledges',
      (_, say) => say({ id: '1', type: 'next', payload: { data: {} } }),
      'UNAVAILABLE',
    ],
    ['says garbage', (socket) => socket.send('\u0000{{{'), 'UNAVAILABLE'],
    ['says something unheard of', (_, say) => say({ type: 'hello' }), 'UNAVAILABLE'],
    ['closes at once', (socket) => socket.close(1000), 'UNAVAILABLE'],
    ['does not know the caller', (socket) => socket.close(4401, 'Unauthorized'), 'UNAUTHENTICATED'],
    ['refuses the caller', (socket) => socket.close(4403, 'Forbidden'), 'FORBIDDEN'],
  ])('and %s is not waited for', async (_, behave, code) => {
    await serveBadly(behave)
    const begun = performance.now()

    expect(await codeOf(subscribe(openRoom()))).toBe(code)

    expect(performance.now() - begun).toBeLessThan(TIMEOUT_MS + 700)
    await expect.poll(() => proxy.open, { timeout: 1_000 }).toBe(0)
  })

  test.each([
    ['401 Unauthorized', 'UNAUTHENTICATED'],
    ['403 Forbidden', 'FORBIDDEN'],
    ['404 Not Found', 'INTERNAL_SERVER_ERROR'],
    ['200 OK', 'UNAVAILABLE'],
    ['503 Busy', 'UNAVAILABLE'],
  ])('and are refused with %s are not opened', async (status, code) => {
    await serveSockets()
    await proxy.behave(saying(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`))

    expect(await codeOf(subscribe(openRoom()))).toBe(code)
    await expect.poll(() => proxy.open).toBe(0)
  })

  test.each<[string, unknown[]]>([
    ['acknowledges twice', [{ type: 'connection_ack' }]],
    ['sends events of another stream', [{ id: '2', type: 'next', payload: { data: {} } }]],
    ['sends an event that is no answer', [{ id: '1', type: 'next', payload: { data: [] } }]],
    ['sends an event without anything', [{ id: '1', type: 'next', payload: {} }]],
    ['asks questions of its own', [{ id: '1', type: 'subscribe', payload: { query: '{ a }' } }]],
  ])('and %s ends the stream with a code', async (_, messages) => {
    await serveBadly(answering(...messages))

    const stream = await subscribe(openRoom())

    expect(await codeOf(stream.next())).toBe('UNAVAILABLE')
    expect((await stream.next()).done).toBe(true)
    await expect.poll(() => proxy.open, { timeout: 1_000 }).toBe(0)
  })

  test('and closes without a word ends the stream with a code, even when it calls that normal', async () => {
    await serveBadly((socket, say) => {
      answering({ id: '1', type: 'next', payload: { data: { ticks: 1 } } })(socket, say)
      socket.on('message', (text) => String(text).includes('subscribe') && socket.close(1000))
    })

    const stream = await subscribe(openRoom())

    expect((await stream.next()).value).toEqual({ data: { ticks: 1 } })
    expect(await codeOf(stream.next())).toBe('UNAVAILABLE')
    await sleep(50)
    expect(proxy.heard).toBe(1) // and is not dialled again
  })

  test('and is asked whether the other end lives gets an answer', async () => {
    const heard: unknown[] = []
    await serveBadly((socket, say) => {
      answering({ type: 'ping' })(socket, say)
      socket.on('message', (text) => heard.push(JSON.parse(String(text)).type))
    })

    const stream = await subscribe(openRoom())

    await expect.poll(() => heard).toEqual(['connection_init', 'subscribe', 'pong'])
    await stream.return?.()
    await expect.poll(() => heard).toEqual(['connection_init', 'subscribe', 'pong', 'complete'])
  })

  test('and does not answer a goodbye is left without one', async () => {
    await serveBadly((socket, say) => {
      answering()(socket, say)
      socket.on('message', (text) => String(text).includes('complete') && socket.pause())
    })
    const stream = await subscribe(openRoom())

    await stream.return?.()

    await expect.poll(() => proxy.open, { timeout: 1_000 }).toBe(0)
  })

  test('gets what was forwarded as a header and as connection parameters', async () => {
    await serveSockets()

    const stream = await subscribe(openRoom())
    await stream.return?.()

    expect(callers).toEqual([{ authorization: 'Bearer me', header: 'Bearer me' }])
  })

  test('is not told what no header can hold', async () => {
    await serveSockets()
    const request = { query: QUERY, identity: anonymous(null), headers: { authorization: 'a\r\nb' } }

    expect(await codeOf(openRoom().subscribe(request))).toBe('BAD_USER_INPUT')
    expect(await codeOf(openRoom({ subscriptions: 'sse' }).subscribe(request))).toBe('BAD_USER_INPUT')
  })
})
