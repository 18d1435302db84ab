import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOMS, type RoomName } from '../../schema/supergraph.ts'
import { freePort } from '../standalone/postgres.ts'
import { runService, type Service, startService } from '../testing/cadenza.ts'
import { testBrowser } from './browser.ts'
import { testContract } from './contract/contract.ts'
import { testCollaboration } from './playlists/collaboration.ts'
import { testReadme } from './readme.ts'
import { testStreams } from './streams.ts'

// One home for both ways of running: what the first one made, the second one finds.
const home = await mkdtemp(join(tmpdir(), 'cadenza-e2e-'))
afterAll(() => rm(home, { recursive: true, force: true }))

describe('one process', () => {
  let cadenza: Service

  beforeAll(async () => {
    cadenza = await startService('index', { CADENZA_HOME: home, PORT: '0' })
  }, 180_000)
  afterAll(async () => expect(await cadenza.stop()).toBe(0))

  testReadme(() => cadenza.url)
  testContract(() => cadenza.url)
  testStreams(() => cadenza.url)
  testBrowser(() => cadenza.url)

  test('a second start on the same home says who runs there', async () => {
    const { code, output } = await runService('index', { CADENZA_HOME: home, PORT: '0' })

    expect(code).toBe(1)
    expect(output.trim()).toMatch(
      /^Another Cadenza \(process \d+\) runs on .*: stop it, or set CADENZA_HOME to another folder$/,
    )
  })

  test('a second start on the same port says so', async () => {
    const { port } = new URL(cadenza.url)
    const { code, output } = await runService('index', { CADENZA_HOME: join(home, 'other'), PORT: port })

    expect(code).toBe(1)
    expect(output.trim()).toBe(`Port ${port} is taken: stop what listens there, or set PORT to another`)
  })

  test('the probes and the metrics answer', async () => {
    const at = (path: string): Promise<Response> => fetch(new URL(path, cadenza.url))

    expect((await at('/health/live')).status).toBe(200)
    expect(await (await at('/health/ready')).json()).toMatchObject({ status: 'ready' })
    expect(await (await at('/metrics')).text()).toMatch(/^cadenza_door_request_seconds_count/m)
  })
})

test('after a SIGKILL, which leaves PostgreSQL behind, the next start takes over', async () => {
  const killed = await startService('index', { CADENZA_HOME: home, PORT: '0' })
  await killed.stop('SIGKILL')
  const next = await startService('index', { CADENZA_HOME: home, PORT: '0' })

  expect((await fetch(new URL('/health/ready', next.url))).status).toBe(200)
  expect(await next.stop()).toBe(0)
}, 60_000)

describe('rooms one by one over HTTP', () => {
  const environment = { CADENZA_HOME: home, LOG_LEVEL: 'warn', RATE_LIMIT_PER_HOUR: '1000000' }
  const ports = new Map<RoomName, string>()
  const rooms = new Map<RoomName, Service>()
  const doors: Service[] = []
  let database: Service
  let databaseUrl: string

  async function startRoom(room: RoomName): Promise<void> {
    const PORT = ports.get(room) ?? String(await freePort())
    ports.set(room, PORT)
    const settings = { ...environment, PORT, PUBLIC_URL: `http://localhost:${PORT}` }
    rooms.set(room, await startService('room', settings, room))
  }

  beforeAll(async () => {
    database = await startService('database', environment)
    databaseUrl = await readFile(join(home, 'run', 'database-url'), 'utf8')
    await Promise.all(ROOMS.map(startRoom))
    const addresses = Object.fromEntries(
      [...rooms].map(([room, { url }]) => [`SUBGRAPH_${room.toUpperCase()}_URL`, url]),
    )
    for (let door = 0; door < 2; door++) {
      doors.push(
        await startService('gateway', { ...environment, ...addresses, PORT: String(await freePort()) }),
      )
    }
  }, 180_000)
  afterAll(async () => {
    await Promise.all(doors.map((door) => door.stop()))
    await Promise.all([...rooms.values()].map((room) => room.stop()))
    await database.stop()
  })

  testContract(() => doors[0]?.url ?? '')
  testCollaboration(() => ({
    doors: doors.map(({ url }) => url),
    databaseUrl,
    async killRoom() {
      await rooms.get('playlists')?.stop('SIGKILL')
      await startRoom('playlists')
    },
  }))

  test.each(ROOMS)(
    '%s refuses entities, its SDL and introspection without the internal token',
    async (room) => {
      const url = rooms.get(room)?.url ?? ''
      const queries = [
        '{ _entities(representations: []) { __typename } }',
        '{ _service { sdl } }',
        '{ __schema { types { name } } }',
      ]
      const answers = await Promise.all(
        queries.flatMap((query) =>
          [{}, { authorization: 'Bearer forged' }, { 'x-cadenza-identity': '{}' }].map((headers) =>
            fetch(url, {
              method: 'POST',
              headers: { 'content-type': 'application/json', ...headers },
              body: JSON.stringify({ query }),
            }),
          ),
        ),
      )

      expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(401))
      for (const answer of answers) expect(await answer.text()).not.toMatch(/sdl|__typename|types/)
    },
  )
})
