import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AppError } from '#shared/errors.ts'
import { anonymous } from '#shared/identity.ts'
import type { Room, RoomRequest, RoomResponse } from '#shared/room.ts'
import {
  createFaultProxy,
  cutting,
  type FaultProxy,
  passing,
  resetting,
  silent,
} from '../testing/fault-proxy.ts'
import { createRemoteRoom, type RemoteRoomOptions } from './remote-room.ts'

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

let server: Server
let proxy: FaultProxy
let answer: Answer
const rooms: Room[] = []

const json =
  (value: unknown): Answer =>
  (_, response) =>
    response.end(JSON.stringify(value))

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    answer(request, response, Buffer.concat(chunks).toString())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
beforeEach(async () => {
  answer = json({ data: { a: 1 } })
  proxy = await createFaultProxy((server.address() as AddressInfo).port)
})
afterEach(async () => {
  await proxy.close()
  for (const room of rooms.splice(0)) await room.close?.()
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

function open(options: Partial<RemoteRoomOptions> = {}): Room {
  const room = createRemoteRoom({
    name: 'shop',
    url: `http://127.0.0.1:${proxy.port}/graphql?v=1`,
    timeoutMs: 400,
    subscriptions: 'sse',
    headersOf: ({ headers = {} }) => headers,
    ...options,
  })
  rooms.push(room)
  return room
}

const ask = (room: Room, request: Partial<RoomRequest> = {}): Promise<RoomResponse> =>
  room.execute({ query: '{ a }', identity: anonymous(null), ...request })
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'OK',
    (error: AppError) => error.code ?? String(error),
  )

test('is asked by POST, with the caller’s headers and nothing that was not asked for', async () => {
  const seen: unknown[] = []
  answer = ({ method, url, headers }, response, body) => {
    const { host: _, ...others } = headers
    seen.push({ method, url, headers: others, body: JSON.parse(body) })
    response.end('{"data":{}}')
  }
  const room = open({ headersOf: async ({ headers = {} }) => headers })

  await ask(room, {
    query: 'query A($b: Int) { a }',
    operationName: 'A',
    variables: { b: 1 },
    headers: { x: 'y' },
  })

  const body = { query: 'query A($b: Int) { a }', operationName: 'A', variables: { b: 1 } }
  expect(seen).toEqual([
    {
      method: 'POST',
      url: '/graphql?v=1',
      headers: {
        accept: 'application/graphql-response+json, application/json;q=0.9',
        connection: 'keep-alive',
        'content-length': String(JSON.stringify(body).length),
        'content-type': 'application/json',
        x: 'y',
      },
      body,
    },
  ])
})

test('is reached over as many sockets as are needed, and over 64 at most', async () => {
  const room = open({ timeoutMs: 5_000 })
  for (let call = 0; call < 50; call++) await ask(room)
  expect(proxy.most).toBeLessThanOrEqual(2) // undici gives a socket a turn of the event loop to rest

  answer = (_, response) => setTimeout(() => response.end('{"data":{}}'), 10)
  await Promise.all(Array.from({ length: 500 }, () => ask(room)))

  expect(proxy.most).toBe(64)
})

test('an answer may be as long as the limit, whether it was compressed or not, and no longer', async () => {
  const text = JSON.stringify({ data: { a: 'x'.repeat(10_000) } })
  const room = open({ answerLimitBytes: text.length })
  const send = (body: string, isCompressed: boolean): Promise<string> => {
    answer = (_, response) => {
      if (isCompressed) response.setHeader('content-encoding', 'gzip')
      response.end(isCompressed ? gzipSync(body) : body)
    }
    return codeOf(ask(room))
  }

  expect(await send(text, false)).toBe('OK')
  expect(await send(text, true)).toBe('OK')
  expect(await send(`${text} `, false)).toBe('QUERY_TOO_COMPLEX')
  expect(await send(`${text} `, true)).toBe('QUERY_TOO_COMPLEX')
  expect(await send(' '.repeat(64 << 20), true)).toBe('QUERY_TOO_COMPLEX')
  expect(await send(text, false)).toBe('OK')
})

test('an endless answer is cut off, and its socket with it', async () => {
  const room = open({ answerLimitBytes: 100_000, timeoutMs: 5_000 })
  answer = (_, response) => {
    const pump = setInterval(() => response.write('x'.repeat(10_000)), 1)
    response.on('close', () => clearInterval(pump))
  }

  expect(await codeOf(ask(room))).toBe('QUERY_TOO_COMPLEX')
  await expect.poll(() => proxy.gone).toBe(1)
})

test('a header that cannot be sent is the caller’s fault', async () => {
  expect(await codeOf(ask(open(), { headers: { authorization: 'a\r\nb' } }))).toBe('BAD_USER_INPUT')
})

describe('a room that says nothing', () => {
  beforeEach(() => proxy.behave(silent))

  test('is given up on when the call is due, and its socket is freed', async () => {
    const room = open({ timeoutMs: 5_000 })
    const begun = performance.now()

    expect(await codeOf(ask(room, { dueAt: begun + 100 }))).toBe('TIMEOUT')

    expect(performance.now() - begun).toBeLessThan(1_000)
    await expect.poll(() => proxy.gone).toBe(1)
  })

  test('is given up on after its own time where a call does not say', async () => {
    expect(await codeOf(ask(open({ timeoutMs: 100 })))).toBe('TIMEOUT')
  })

  test('is left when the caller leaves, and the socket is freed', async () => {
    const leaving = new AbortController()
    const call = ask(open({ timeoutMs: 5_000 }), { signal: leaving.signal })
    await expect.poll(() => proxy.heard).toBe(1)

    leaving.abort(new Error('gone'))

    await expect(call).rejects.toThrow('gone')
    await expect.poll(() => proxy.gone).toBe(1)
  })

  test('is not told any more what was given up while it waited for a socket', async () => {
    const room = open({ timeoutMs: 1_000 })
    const calls = Array.from({ length: 200 }, () => codeOf(ask(room)))
    await expect.poll(() => proxy.heard).toBe(64)
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['TIMEOUT']))

    await proxy.behave(passing)
    const said: string[] = []
    answer = (_, response, body) => {
      said.push(body)
      response.end('{"data":{}}')
    }
    expect(await codeOf(ask(room, { query: '{ later }' }))).toBe('OK')

    await sleep(50)
    expect(said).toEqual(['{"query":"{ later }"}'])
  })
})

describe('a connection that fails', () => {
  test('is tried once more for a query, and never for a mutation', async () => {
    await proxy.behave(resetting)
    const room = open()

    expect(await codeOf(ask(room))).toBe('UNAVAILABLE')
    expect(proxy.heard).toBe(2)
    expect(await codeOf(ask(room, { query: 'mutation { a }' }))).toBe('UNAVAILABLE')
    expect(proxy.heard).toBe(3)
  })

  test('is forgotten when the second try succeeds', async () => {
    let tries = 0
    await proxy.behave((client, reach) => (tries++ === 0 ? resetting : passing)(client, reach))

    expect(await ask(open())).toEqual({ data: { a: 1 } })
    expect(tries).toBe(2)
  })

  test('is not tried again once something of an answer came', async () => {
    await proxy.behave(cutting(20))

    expect(await codeOf(ask(open()))).toBe('UNAVAILABLE')
    expect(proxy.heard).toBe(1)
  })

  test('costs a tenth more calls, after the first few', async () => {
    await proxy.behave(resetting)
    const room = open()

    for (let call = 0; call < 100; call++) await codeOf(ask(room))

    expect(proxy.heard).toBeLessThanOrEqual(100 + 10 + 10)
    expect(proxy.heard).toBeGreaterThan(100 + 10)
  }, 10_000)

  test('never repeats a mutation, however it fails', async () => {
    for (const manner of [resetting, cutting(20), cutting(0), silent]) {
      await proxy.behave(manner)
      const before = proxy.heard
      expect(await codeOf(ask(open({ timeoutMs: 50 }), { query: 'mutation { a }' }))).not.toBe('OK')
      await sleep(100)
      expect(proxy.heard - before).toBe(1)
    }
  })
})

test('closing lets go of the sockets once what is under way has ended, and of no call that comes late', async () => {
  const room = open()
  answer = (_, response) => setTimeout(() => response.end('{"data":{"a":2}}'), 50)
  const call = ask(room)
  const closing = room.close?.()

  expect(await call).toEqual({ data: { a: 2 } })
  await closing
  await expect.poll(() => proxy.open).toBe(0)
  expect(await codeOf(ask(room))).toBe('OK')
})

test('is ready when it says so, and not when it is broken or away', async () => {
  const room = open()
  answer = ({ url }, response) => response.writeHead(url === '/health/ready' ? 200 : 404).end()
  expect(await room.isReady()).toBe(true)
  answer = (_, response) => response.writeHead(503).end()
  expect(await room.isReady()).toBe(false)
  await proxy.behave(cutting(50))
  expect(await room.isReady()).toBe(false)
  await proxy.behave(null)
  expect(await room.isReady()).toBe(false)
})
