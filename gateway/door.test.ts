import { createHash } from 'node:crypto'
import { request as rawRequest } from 'node:http'
import { connect as connectTo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Room } from '#shared/room.ts'
import { type Channel, createChannel } from '#shared/streams.ts'
import { createLogger } from '#shared/telemetry.ts'
import { readSupergraph } from '../schema/supergraph.ts'
import { createCadenzaDoor } from './cadenza.ts'
import type { Door } from './server.ts'
import { createFakeUsers, type FakeUsers } from './testing/users-room.ts'

let door: Door
let users: FakeUsers
let url: string
let events: Channel<{ data: Record<string, unknown> }>
let openStreams = 0

/** A room that answers nothing, late, or with rubbish, as the test says. */
const moody = (name: string, execute: Room['execute']): Room => ({
  name,
  execute,
  async subscribe() {
    openStreams++
    events = createChannel({ onClose: () => openStreams-- })
    return events
  },
  isReady: async () => true,
})

beforeAll(async () => {
  users = await createFakeUsers()
  door = await createCadenzaDoor({
    supergraph: await readSupergraph(),
    rooms: [
      users,
      moody('catalog', () => new Promise(() => undefined)),
      moody('playlists', async () => {
        throw new TypeError('connect ECONNREFUSED 10.1.2.3:4003 postgres://secret')
      }),
      moody('playback', async () => ({
        data: null,
        errors: [{ message: 'x', extensions: { code: 'FORBIDDEN', url: 'http://inside' } }],
      })),
      moody('recommendations', async () => ({ data: { trending: { nodes: [] } } })),
    ],
    defaultCountry: 'US',
    roomTimeoutMs: 300,
    isProduction: true,
    logger: createLogger('test', 'silent'),
  })
  url = `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`
})
afterAll(() => door.stop())

const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
const ask = async (
  query: string,
): Promise<{ data?: unknown; errors?: { message: string; extensions: { code: string } }[] }> =>
  (await post(JSON.stringify({ query }))).json() as never

test('a room that is silent costs its own field after the deadline, not the others', async () => {
  const { data, errors } = await ask('{ artist(id: "artist_1") { name } trending { nodes { id } } }')

  expect(data).toEqual({ artist: null, trending: { nodes: [] } })
  expect(errors).toMatchObject([
    { message: 'The catalog room did not answer in time', extensions: { code: 'TIMEOUT' } },
  ])
})

test('nothing of the inside leaves with an error', async () => {
  const broken = await ask('{ playlist(id: "playlist_1") { name } }')
  const refused = await ask('mutation { playbackReport(events: []) { accepted } }')

  expect(JSON.stringify([broken, refused])).not.toMatch(
    /10\.1\.2\.3|secret|inside|ECONNREFUSED|playlists|stack/,
  )
  expect(broken.errors?.[0]).toMatchObject({
    extensions: { code: 'INTERNAL_SERVER_ERROR', logId: expect.any(String) },
  })
  expect(refused.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN' })
})

test.each([
  ['not JSON', '{', 'application/json', 400],
  ['an array batch', '[{"query":"{ __typename }"}]', 'application/json', 400],
  ['no query', '{}', 'application/json', 400],
  ['multipart', '--x', 'multipart/form-data; boundary=x', 415],
  ['a form', 'query=%7B__typename%7D', 'application/x-www-form-urlencoded', 415],
  ['plain text', '{"query":"{ __typename }"}', 'text/plain', 415],
])('%s is refused in JSON', async (_, body, contentType, status) => {
  const response = await post(body, { 'content-type': contentType })

  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
})

test('a body of more than 256 KiB is refused before it is read', async () => {
  const small = await post(
    JSON.stringify({ query: '{ __typename }', variables: { pad: 'x'.repeat(255 * 1024) } }),
  )
  const large = await post(
    JSON.stringify({ query: '{ __typename }', variables: { pad: 'x'.repeat(256 * 1024) } }),
  ).catch(() => null)

  expect(small.status).toBe(200)
  expect(large === null || large.status === 413).toBe(true) // the socket may be closed before the client has sent it all
})

test('a body without an end is cut off at the limit', async () => {
  const status = await new Promise<number | string>((resolve) => {
    const request = rawRequest(url, { method: 'POST', headers: { 'content-type': 'application/json' } })
    request.on('response', ({ statusCode }) => resolve(statusCode ?? 0))
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    const pump = setInterval(() => request.write('x'.repeat(64 * 1024)), 1)
    request.on('close', () => clearInterval(pump))
  })

  expect([413, 'ECONNRESET', 'EPIPE']).toContain(status)
})

test.each([
  ['a parse error', '{', 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
  [
    'two guesses at a password',
    'mutation { a: signOut { userErrors { code } } b: sessionRefresh(refreshToken: "a") { userErrors { code } } c: sessionRefresh(refreshToken: "b") { userErrors { code } } }',
    'QUERY_TOO_COMPLEX',
  ],
  ['introspection in production', '{ __schema { types { name } } }', 'GRAPHQL_VALIDATION_FAILED'],
])('%s has its code', async (_, query, code) => {
  expect((await ask(query)).errors?.[0]?.extensions.code).toBe(code)
})

test('a mutation by GET is refused, and a GET that another site made the browser send', async () => {
  const get = (query: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}?query=${encodeURIComponent(query)}`, { headers })
  const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }

  expect((await get('mutation { signOut { userErrors { code } } }')).status).toBe(405)
  expect((await get('{ __typename }')).status).toBe(200)
  expect((await get('{ __typename }', foreign)).status).toBe(400)
  expect((await get('{ __typename }', { ...foreign, 'apollo-require-preflight': '1' })).status).toBe(200)
})

test('a persisted query is asked for once, then known by its hash, and never under another', async () => {
  const query = '{ __typename viewer { displayName } }'
  const sha256Hash = createHash('sha256').update(query).digest('hex')
  const send = async (body: object): Promise<unknown> =>
    (
      await post(JSON.stringify({ ...body, extensions: { persistedQuery: { version: 1, sha256Hash } } }))
    ).json()

  expect(await send({})).toMatchObject({ errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] })
  expect(await send({ query: '{ __typename }' })).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  })
  expect(await send({ query })).toEqual({ data: { __typename: 'Query', viewer: null } })
  expect(await send({})).toEqual({ data: { __typename: 'Query', viewer: null } })
})

test('what a client claims about itself never reaches a room', async () => {
  const authorization = `Bearer ${await users.sign({ sub: 'user_7', country: 'SE' })}`
  await post(JSON.stringify({ query: '{ viewer { displayName } }' }), {
    authorization,
    'x-cadenza-identity': '{"userId":"user_1"}',
    'x-forwarded-for': '1.2.3.4',
    'cf-ipcountry': 'JP',
  })

  expect(users.seen.at(-1)?.identity).toMatchObject({ userId: 'user_7', country: 'SE' })
})

test('subscribers that leave while nothing happens free the room’s stream at once', async () => {
  const sockets = await Promise.all(
    Array.from({ length: 50 }, (_, n) => subscribe(`subscription { playlistChanged(id: "p${n}") { kind } }`)),
  )
  await expect.poll(() => openStreams).toBe(50)

  for (const socket of sockets) socket.terminate()

  await expect.poll(() => openStreams, { timeout: 1_000 }).toBe(0)
})

test('a stream that fails ends its own subscription with a code, tells nothing, and leaves the socket open', async () => {
  const socket = await subscribe()
  await expect.poll(() => openStreams).toBe(1)
  const messages: { type: string; payload?: unknown }[] = []
  socket.on('message', (text) => messages.push(JSON.parse(String(text))))

  events.close(new Error('connect ECONNREFUSED 10.1.2.3'))

  await expect.poll(() => messages.map(({ type }) => type)).toEqual(['next', 'complete'])
  expect(messages[0]?.payload).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] })
  expect(JSON.stringify(messages)).not.toMatch(/10\.1\.2\.3/)
  expect(socket.readyState).toBe(WebSocket.OPEN)
  socket.terminate()
})

test('a socket closes 4403 within a second of its token’s end, and of its session’s', async () => {
  const expiring = await connect(await users.sign({}, {}, 2))
  const ending = await connect(await users.sign({ sid: 'socket-session' }))
  const forged = await connect('forged')
  users.end('socket-session')

  expect(await closed(forged)).toBe(4403)
  expect(await closed(ending, 1_500)).toBe(4403)
  expect(await closed(expiring, 3_500)).toBe(4403)
})

test('garbage on a socket closes that socket and nothing else', async () => {
  const socket = await connect(null)
  socket.send('\u0000{{{')

  expect(await closed(socket)).toBeGreaterThanOrEqual(4400)
  expect((await ask('{ __typename }')).data).toEqual({ __typename: 'Query' })
})

test.each(['//', '/elsewhere'])('an upgrade of %s that is reset at once ends nothing', async (path) => {
  const { port, hostname } = new URL(url)
  for (let attempt = 0; attempt < 5; attempt++) {
    const socket = connectTo(Number(port), hostname)
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.on('error', () => undefined)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
    await new Promise((resolve) => setTimeout(resolve, 5))
    socket.resetAndDestroy()
  }

  expect((await ask('{ __typename }')).data).toEqual({ __typename: 'Query' })
})

test('two root fields in a subscription, and a socket query beyond the limits, are refused', async () => {
  const two = await firstMessage(
    'subscription { a: playlistChanged(id: "a") { kind } b: playlistChanged(id: "b") { kind } }',
  )
  const deep = await firstMessage(
    `{ ${'artist(id: "a") { albums { nodes { artists { '.repeat(6)} id ${'} } } }'.repeat(6)} }`,
  )

  expect(two).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  })
  expect(JSON.stringify(deep)).toMatch(/GRAPHQL_VALIDATION_FAILED|QUERY_TOO_COMPLEX/)
})

async function connect(token: string | null): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')
  await new Promise((resolve) => socket.once('open', resolve))
  const payload = token === null ? undefined : { authorization: `Bearer ${token}` }
  socket.send(JSON.stringify({ type: 'connection_init', payload }))
  if (token !== 'forged') await new Promise((resolve) => socket.once('message', resolve))
  return socket
}

async function subscribe(query = 'subscription { playlistChanged(id: "p") { kind } }'): Promise<WebSocket> {
  const socket = await connect(null)
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
  return socket
}

async function firstMessage(query: string): Promise<unknown> {
  const socket = await subscribe(query)
  const message = await new Promise<string>((resolve) =>
    socket.once('message', (text) => resolve(String(text))),
  )
  socket.terminate()
  return JSON.parse(message)
}

function closed(socket: WebSocket, withinMs = 1_000): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`still open after ${withinMs} ms`)), withinMs)
    socket.once('close', (code) => {
      clearTimeout(timer)
      resolve(code)
    })
  })
}
