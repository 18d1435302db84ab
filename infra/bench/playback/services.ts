import pg from 'pg'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { createLogger } from '#shared/telemetry.ts'
import { startRedis, type TestRedis } from '#shared/testing/redis.ts'
import { ROOMS, type RoomName } from '../../../schema/supergraph.ts'
import { assetOf } from '../../../subgraphs/playback/testing/signed.ts'
import { firstTrackIds, loadDemoOnce } from '../../standalone/demo.ts'
import { freePort } from '../../standalone/postgres.ts'
import { createRooms } from '../../standalone/rooms.ts'
import { type Service, startService } from '../../testing/cadenza.ts'
import { openDatabase } from '../playlists/database.ts'
import { PRODUCTION } from './house.ts'

/** Cadenza as services: a door, five rooms, PostgreSQL and Redis, each a process that may be stopped. */
export interface ServedHouse extends AsyncDisposable {
  door: Service
  redis: TestRedis
  trackIds: readonly string[]
  /** Ends the room with SIGKILL; `start` has it again where it was. */
  kill(room: RoomName): Promise<void>
  start(room: RoomName): Promise<void>
}

export async function openServedHouse(): Promise<ServedHouse> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const database = await openDatabase({ isDurable: true })
    closers.push(async () => database[Symbol.asyncDispose]())
    const redis = await startRedis()
    closers.push(async () => redis[Symbol.asyncDispose]())
    await loadDemo(database.url, database.folder)
    await writeAudio(database.url)

    const ports = new Map<string, string>()
    for (const name of [...ROOMS, 'door']) ports.set(name, String(await freePort()))
    const addresses = Object.fromEntries(
      ROOMS.map((room) => [
        `SUBGRAPH_${room.toUpperCase()}_URL`,
        `http://127.0.0.1:${ports.get(room)}/graphql`,
      ]),
    )
    const environmentOf = (name: string): Record<string, string> => ({
      CADENZA_HOME: database.folder,
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      PORT: ports.get(name) ?? '',
      PUBLIC_URL: `http://localhost:${ports.get(name)}`,
      ...PRODUCTION,
      ...addresses,
    })
    const services = new Map<RoomName, Service>()
    const start = async (room: RoomName): Promise<void> => {
      services.set(room, await startService('room', environmentOf(room), room))
    }
    closers.push(() => Promise.all([...services.values()].map((service) => service.stop('SIGKILL'))))
    for (const room of ROOMS) await start(room)
    const door = await startService('gateway', environmentOf('door'))
    closers.push(() => door.stop())
    return {
      door,
      redis,
      trackIds: firstTrackIds(),
      start,
      async kill(room) {
        await services.get(room)?.stop('SIGKILL')
      },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function loadDemo(databaseUrl: string, home: string): Promise<void> {
  const log = await createEmbeddedLog(databaseUrl)
  const logger = createLogger('bench', 'error')
  const rooms = await createRooms({ databaseUrl, log, logger, home, publicUrl: 'http://localhost' })
  await rooms.start()
  await loadDemoOnce(rooms, databaseUrl)
  await rooms.stop()
  await log.close()
}

/** A manifest is signed for audio that is packaged, and this bench plays none: the room is told of some without any being made. */
async function writeAudio(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  for (const trackId of firstTrackIds())
    await client.query(
      `INSERT INTO playback.audio_asset (asset_id, playable_id, version, asset) VALUES ($1, $2, 1, $3)
       ON CONFLICT DO NOTHING`,
      ['bench', trackId, JSON.stringify(assetOf('bench', 10_100))],
    )
  await client.end()
}
