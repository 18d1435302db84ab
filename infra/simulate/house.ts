import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { createLogger } from '#shared/telemetry.ts'
import { startKafka } from '#shared/testing/kafka.ts'
import { ROOMS, type RoomName } from '../../schema/supergraph.ts'
import { assetOf } from '../../subgraphs/playback/testing/signed.ts'
import { openDatabase } from '../bench/playlists/database.ts'
import { readDemoCatalogue } from '../demo/catalogue.ts'
import { freePort } from '../standalone/postgres.ts'
import { createRooms } from '../standalone/rooms.ts'
import { type Service, startService } from '../testing/cadenza.ts'
import { type Pace, paceArguments } from './clock.ts'
import { demoTrackIds } from './tracks.ts'

/** A process of the house that may be killed: the room beside is a second one of playback, which no door asks. */
export type Part = RoomName | 'beside' | 'door'

/** Cadenza as processes on a PostgreSQL of their own, with the demo's accounts and catalogue, its playback rooms by another clock. */
export interface House extends AsyncDisposable {
  url: string
  /** Who may do everything. */
  admin: { email: string; password: string }
  db: pg.Pool
  /** Ends it with SIGKILL, and starts it again where it was. */
  kill(part: Part): Promise<void>
  /** Ends both processes of the playback room, and starts them again when it is another time. */
  goOn(pace: Pace): Promise<void>
}

export interface HouseOptions {
  pace: Pace
  withKafka: boolean
  /** By how much the clock of the room beside is wrong. */
  besideMs?: number
}

/** Processes that are started this often start from JavaScript. In the repository, where packages are found. */
const BUNDLE = 'infra/generated/house'
const ENTRIES = ['infra/standalone/room.ts', 'infra/standalone/gateway.ts', 'infra/simulate/playback-room.ts']
const PATIENCE_MS = 600_000

/** How long it may take to go on, in ms. */
export const GO_ON_MS = 45_000

export async function openHouse({ pace, withKafka, besideMs = 0 }: HouseOptions): Promise<House> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    await promisify(execFile)(process.execPath, ['infra/bundle-gateway.mjs', BUNDLE, ...ENTRIES])
    const database = await openDatabase({ isDurable: true })
    closers.push(async () => database[Symbol.asyncDispose]())
    const kafka = withKafka ? await startKafka() : null
    closers.push(async () => kafka?.[Symbol.asyncDispose]())
    await loadDemo(database.url, database.folder)
    const db = new pg.Pool({ connectionString: database.url, max: 2 })
    db.on('error', () => undefined) // idle connections that end with their server
    closers.push(() => db.end())

    // Playlists have no part in it.
    const parts: readonly Part[] = ['users', 'catalog', 'recommendations', 'playback', 'beside', 'door']
    const ports = new Map<Part, string>()
    for (const part of [...ROOMS, ...parts]) ports.set(part, String(await freePort()))
    const addresses = Object.fromEntries(
      ROOMS.map((room) => [
        `SUBGRAPH_${room.toUpperCase()}_URL`,
        `http://127.0.0.1:${ports.get(room)}/graphql`,
      ]),
    )
    const services = new Map<Part, Service>()
    let current = pace
    const start = async (part: Part): Promise<void> => {
      const environment = {
        ...addresses,
        CADENZA_HOME: database.folder,
        DATABASE_URL: database.url,
        ...(kafka && { KAFKA_BROKERS: kafka.brokers }),
        NODE_ENV: 'production',
        LOG_LEVEL: 'error',
        RATE_LIMIT_PER_HOUR: '1000000000',
        PORT: ports.get(part) ?? '',
        PUBLIC_URL: `http://localhost:${ports.get(part)}`,
      }
      services.set(part, await startPart(part, environment))
    }
    const startPart = (part: Part, environment: Record<string, string>): Promise<Service> => {
      if (part === 'door') return startService(`${BUNDLE}/standalone/gateway.mjs`, environment)
      if (part !== 'playback' && part !== 'beside')
        return startService(`${BUNDLE}/standalone/room.mjs`, environment, part)
      const own = part === 'beside' ? { ...current, base: current.base + besideMs } : current
      return startService(`${BUNDLE}/simulate/playback-room.mjs`, environment, ...paceArguments(own))
    }
    const end = async (part: Part): Promise<void> => {
      await services.get(part)?.stop('SIGKILL')
    }
    closers.push(() => Promise.all(parts.map(end)))
    for (const part of parts) await start(part)
    await addAudio(database.url)
    return {
      url: `http://127.0.0.1:${ports.get('door')}/graphql`,
      admin: { email: 'admin@cadenza.example', password: 'cadenza-demo' },
      db,
      async kill(part) {
        await end(part)
        await start(part)
      },
      async goOn(pace) {
        current = pace
        const rooms = ['playback', 'beside'] as const
        await Promise.all(rooms.map(end))
        await Promise.all(rooms.map(start))
      },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Accounts and catalogue of the demo, before anybody is there. */
async function loadDemo(databaseUrl: string, home: string): Promise<void> {
  const log = await createEmbeddedLog(databaseUrl)
  const logger = createLogger('simulate', 'error')
  const rooms = await createRooms({ databaseUrl, log, logger, home, publicUrl: 'http://localhost' })
  const demo = readDemoCatalogue()
  await rooms.users.loadDemo(demo)
  await rooms.catalog.loadDemo(demo)
  await rooms.stop()
  await log.close()
}

/** Of the demo's tracks as much audio as a start asks for, since nobody here listens to it; until the playback room has heard of all. */
export async function addAudio(databaseUrl: string): Promise<void> {
  const trackIds = demoTrackIds()
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c search_path=playback' })
  await client.connect()
  await client.query(
    `INSERT INTO audio_asset (asset_id, playable_id, version, asset)
     SELECT 'simulated', id, 1, $2::jsonb FROM unnest($1::text[]) AS id`,
    [trackIds, JSON.stringify(assetOf('simulated', 10_100))],
  )
  const heardOf =
    'SELECT count(*)::int AS count FROM playable JOIN track_artist ON track_id = id WHERE id = ANY ($1)'
  const begun = performance.now()
  while ((await client.query(heardOf, [trackIds])).rows[0]?.count < trackIds.length) {
    if (performance.now() - begun > PATIENCE_MS)
      throw new Error('The playback room does not hear of the catalogue')
    await sleep(100)
  }
  await client.end()
}
