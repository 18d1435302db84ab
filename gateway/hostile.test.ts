import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Room } from '#shared/room.ts'
import { createLogger } from '#shared/telemetry.ts'
import { readSupergraph } from '../schema/supergraph.ts'
import { createCadenzaDoor } from './cadenza.ts'
import type { Door } from './server.ts'
import { hostileRequests } from './testing/hostile.ts'
import { post } from './testing/hostile-client.ts'
import { INTERNAL, sendRandomBodies } from './testing/random-bodies.ts'
import { openSocket } from './testing/raw-socket.ts'
import { createFakeUsers } from './testing/users-room.ts'

/** Longer than any refusal, and than what is answered here. */
const LONGEST_ANSWER = 2_000

let door: Door
let url: string

/** Answers nonsense that would do harm if it were merged without looking. */
const room = (name: string): Room => ({
  name,
  execute: async () => ({
    data: JSON.parse(
      '{"__proto__":{"polluted":1},"trending":{"nodes":[{"id":"t","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}]}}',
    ),
  }),
  subscribe: async () => ({ errors: [{ message: 'none' }] }),
  isReady: async () => true,
})

beforeAll(async () => {
  door = await createCadenzaDoor({
    supergraph: await readSupergraph(),
    rooms: [await createFakeUsers(), ...['catalog', 'playlists', 'playback', 'recommendations'].map(room)],
    defaultCountry: 'US',
    roomTimeoutMs: 1_000,
    rate: { perHour: 1e9, burst: 1e9 },
    slowestRequestMs: 1_000,
    isProduction: true,
    logger: createLogger('test', 'silent'),
  })
  url = `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`
})
afterAll(() => door.stop())

test.each(hostileRequests())('$name', async ({ code, ...hostile }) => {
  const { status, text } = await post(url, hostile)
  const { errors } = JSON.parse(text)

  if (code === null) expect(status).toBe(200)
  else expect({ status: status < 500, code: errors?.[0].extensions.code }).toEqual({ status: true, code })
  expect(text.length).toBeLessThan(LONGEST_ANSWER)
  expect(text).not.toMatch(INTERNAL)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test('what drips in is cut off in time, and others are answered meanwhile', async () => {
  const drip = (text: string): Promise<string> =>
    new Promise((resolve) => {
      let heard = ''
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text))
      const drops = setInterval(() => socket.write('x'), 100)
      socket.on('data', (data) => {
        heard += String(data)
      })
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clearInterval(drops)
        resolve(heard)
      })
    })
  const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\n'
  const drips = Array.from({ length: 50 }, (_, at) =>
    drip(
      at % 2 === 0 ? `${head}x: ` : `${head}content-type: application/json\r\ncontent-length: 1000\r\n\r\n`,
    ),
  )
  const good = await post(url, { body: '{"query":"{ __typename }"}' })

  expect(good.text).toBe('{"data":{"__typename":"Query"}}')
  for (const heard of await Promise.all(drips)) expect(heard).toMatch(/^HTTP\/1.1 408 /)
})

test('131,000 fragments of one message are not collected', async () => {
  const { socket, closed } = await openSocket(url)
  for (let part = 0; part < 131_000 && socket.readyState === socket.OPEN; part++) {
    socket.send('x', { fin: false })
    if (part % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }

  expect((await closed).code).toBe(1008)
})

test.each([
  ['deep', `{ ${'a { '.repeat(20)}a${' }'.repeat(20)} }`],
  ['aliased', `{ ${Array.from({ length: 20 }, (_, at) => `a${at}: __typename`).join(' ')} }`],
  ['large', '{ trending(first: 1000000) { nodes { id } } }'],
])('what is too %s is refused over a socket as well', async (_, query) => {
  const { socket, init, subscribe, frames } = await openSocket(url)
  await init()
  subscribe('1', query)
  await expect
    .poll(() => frames.at(-1))
    .toMatchObject({ type: 'error', payload: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] })
  socket.terminate()
})

test('2,000 bodies drawn at random are answered, and none of the answers tells anything of the inside', async () => {
  const seed = Math.floor(Math.random() * 1e9)
  const { statuses, faults } = await sendRandomBodies(new URL(url).origin, 2_000, seed)

  expect({ seed, faults }).toEqual({ seed, faults: [] })
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(2_000)
})
