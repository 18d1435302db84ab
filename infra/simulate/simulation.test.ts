import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createTestDatabase } from '#shared/testing/database.ts'
import { createCadenzaDoor } from '../../gateway/cadenza.ts'
import { readSupergraph } from '../../schema/supergraph.ts'
import { createCatalogRoom } from '../../subgraphs/catalog/server.ts'
import { createPlaybackRoom } from '../../subgraphs/playback/server.ts'
import { createUsersRoom } from '../../subgraphs/users/server.ts'
import { readDemoCatalogue } from '../demo/catalogue.ts'
import { checkDashboards, compare, dateByHistory } from './check.ts'
import { lastMonthEnd, type Pace, timeBy } from './clock.ts'
import { addAudio } from './house.ts'
import { playOut } from './play-out.ts'
import { demoTrackIds } from './tracks.ts'

const MINUTES = 8
const SPEED = 100

let now: () => number
let url: string
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  const database = await createTestDatabase()
  closers.push(async () => database[Symbol.asyncDispose]())
  const home = await mkdtemp(join(tmpdir(), 'cadenza-simulate-'))
  closers.push(() => rm(home, { recursive: true }))
  const logger = createLogger('test', 'silent')
  const log = await createEmbeddedLog(database.url)
  closers.push(() => log.close())
  const deps = { databaseUrl: database.url, log, logger, home, publicUrl: 'http://music.test' }
  now = timeBy(startingNow())
  const users = await createUsersRoom(deps)
  const catalog = await createCatalogRoom(deps)
  const rooms = [users, catalog, await createPlaybackRoom(deps, () => now())]
  for (const room of rooms) await room.start()
  closers.push(() => Promise.all(rooms.map((room) => room.stop())))
  const demo = readDemoCatalogue()
  await users.loadDemo(demo)
  await catalog.loadDemo(demo)
  await addAudio(database.url)
  const door = await createCadenzaDoor({
    supergraph: await readSupergraph(),
    rooms,
    defaultCountry: 'US',
    roomTimeoutMs: 10_000,
    isProduction: false,
    logger,
  })
  closers.push(() => door.stop())
  url = `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`
}, 120_000)
afterAll(async () => {
  for (const close of closers.reverse()) await close()
})

function startingNow(): Pace {
  return { base: lastMonthEnd(MINUTES), since: Date.now(), speed: SPEED }
}

test('what the rooms say is what was done, told twice, in any order and a day late', async () => {
  const pace = startingNow()
  now = timeBy(pace)
  const { answer, differences, reader, close } = await playOut({
    ...{ url, pace, seed: 7, listeners: 8, minutes: MINUTES, tellEveryMs: 300 },
    admin: { email: 'admin@cadenza.example', password: 'cadenza-demo' },
    trackIds: demoTrackIds(10),
    onProgress: () => undefined,
    goOn: async (next) => {
      now = timeBy(next)
    },
  })

  expect(differences).toEqual([])
  expect(answer.playbacks).toBeGreaterThan(8)
  expect(answer.plays).toBeGreaterThan(1)
  expect(answer.plays).toBeLessThan(answer.playbacks)
  expect(answer.events.sent).toBeGreaterThan(answer.events.accepted)
  await vi.waitFor(async () => expect(await checkDashboards(reader, answer)).toEqual([]), 10_000)
  await close()
}, 120_000)

test('a count that is one off, a history that lacks a line: each is named', () => {
  expect(compare('plays of', { one: 1, two: 2 }, { one: 1, two: 3, three: 1 })).toEqual([
    'plays of three: 0, not 1',
    'plays of two: 2, not 3',
  ])
  const play = {
    ...{
      playbackId: 'p',
      userId: 'u',
      manner: 'ordinary' as const,
      trackId: 't',
      deviceId: 'd',
      deviceKind: 'WEB',
      country: 'US',
    },
    ...{ tier: 'FREE', askedAt: 10, answeredAt: 20, heardMs: 30_000, events: 2 },
  }
  const line = { trackId: 't', startedAt: 15, msPlayed: 30_000, counted: true }

  expect(dateByHistory([play], [line])).toEqual({ dated: [{ ...play, startedAt: 15 }], differences: [] })
  for (const wrong of [
    [],
    [line, line],
    [{ ...line, startedAt: 21 }],
    [{ ...line, msPlayed: 29_999 }],
    [{ ...line, counted: false }],
  ])
    expect(dateByHistory([play], wrong).differences).not.toEqual([])
})
