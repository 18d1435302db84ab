import { afterEach, beforeAll, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { readSupergraph } from '../../schema/supergraph.ts'
import { createCadenzaDoor } from '../cadenza.ts'
import type { Door } from '../server.ts'
import { openSocket } from '../testing/raw-socket.ts'
import { createFakeUsers, type FakeUsers } from '../testing/users-room.ts'

const QUERY = '{ __typename }'
const doors: Door[] = []
let users: FakeUsers

beforeAll(async () => {
  users = await createFakeUsers()
})
afterEach(async () => {
  for (const door of doors.splice(0)) await door.stop()
})

const open = async (burst: number): Promise<string> => {
  const door = await createCadenzaDoor({
    supergraph: await readSupergraph(),
    rooms: [users],
    defaultCountry: 'US',
    roomTimeoutMs: 1_000,
    rate: { perHour: burst, burst },
    isProduction: true,
    logger: createLogger('test', 'silent'),
  })
  doors.push(door)
  return `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`
}
const post = (url: string, query: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })

test('of 64 callers at once, exactly as many requests are answered as there are units', async () => {
  const url = await open(100)
  const statuses = await Promise.all(
    Array.from({ length: 64 }, async () => {
      const responses = []
      for (let turn = 0; turn < 3; turn++) responses.push((await post(url, QUERY)).status)
      return responses
    }),
  )

  expect(statuses.flat().filter((status) => status === 200)).toHaveLength(100)
  expect(statuses.flat().filter((status) => status === 429)).toHaveLength(92)
})

test('who is refused is told when to come again, whichever media type he takes', async () => {
  const url = await open(60)
  for (let turn = 0; turn < 60; turn++) await post(url, QUERY)
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const response = await post(url, QUERY, { accept })

    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('60')
    expect(await response.json()).toEqual({
      errors: [
        {
          message: 'Too many requests: try again in 60 s',
          extensions: { code: 'RATE_LIMITED', retryAfter: 60 },
        },
      ],
    })
  }
})

test('sockets and event streams take from the same account, and each operation once', async () => {
  const url = await open(6)
  const { socket, init, subscribe, frames } = await openSocket(url)
  await init()
  for (const id of ['1', '2', '3']) subscribe(id, QUERY)
  await expect.poll(() => frames.filter(({ type }) => type === 'complete').length).toBe(3)
  const stream = (): Promise<string> =>
    post(url, QUERY, { accept: 'text/event-stream' }).then((response) => response.text())

  expect(await stream()).toContain('"__typename":"Query"')
  expect(await stream()).toContain('"__typename":"Query"')
  expect((await post(url, QUERY)).status).toBe(200)
  expect((await post(url, QUERY)).status).toBe(429)
  expect(await stream()).toContain('RATE_LIMITED')
  subscribe('4', QUERY)
  await expect
    .poll(() => frames.at(-1))
    .toMatchObject({
      id: '4',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED', retryAfter: 600 } }],
    })
  subscribe('5', 'subscription { playlistChanged(id: "p") { __typename } }')
  await expect
    .poll(() => frames.at(-1))
    .toMatchObject({ id: '5', type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] })
  socket.terminate()
})

test('a user takes from an account of his own, whatever others at the address do', async () => {
  const url = await open(2)
  const authorization = `Bearer ${await users.sign()}`
  const statuses = []
  for (let turn = 0; turn < 3; turn++) statuses.push((await post(url, QUERY)).status)
  for (let turn = 0; turn < 3; turn++) statuses.push((await post(url, QUERY, { authorization })).status)

  expect(statuses).toEqual([200, 200, 429, 200, 200, 429])
})

test('signing in takes five units of the address, also of who is signed in', async () => {
  const url = await open(10)
  const signIn =
    'mutation { signIn(input: { email: "a@b.c", password: "x", device: { name: "x", kind: WEB } }) { userErrors { code } } }'
  const authorization = `Bearer ${await users.sign()}`

  expect((await post(url, signIn)).status).toBe(200)
  expect((await post(url, signIn, { authorization })).status).toBe(200)
  expect((await post(url, signIn)).status).toBe(429)
  expect((await post(url, signIn, { authorization })).status).toBe(429)
  expect((await post(url, QUERY)).status).toBe(200)
})

test('a page that costs more takes more', async () => {
  const url = await open(10)
  // 1 + 100 x 31 = 3,101: four units.
  const page = '{ artist(id: "a") { topTracks(first: 100) { similar(first: 30) { nodes { id } } } } }'

  expect((await post(url, page)).status).toBe(200)
  expect((await post(url, page)).status).toBe(200)
  expect((await post(url, page)).status).toBe(429)
})
