import pg from 'pg'
import { derivedId } from '#shared/id.ts'
import { HAS_KAFKA, startKafka, type TestKafka } from '#shared/testing/kafka.ts'
import { startRedis, type TestRedis } from '#shared/testing/redis.ts'
import { ROOMS, type RoomName } from '../../../schema/supergraph.ts'
import { assetOf } from '../../../subgraphs/playback/testing/signed.ts'
import { freePort } from '../../standalone/postgres.ts'
import { type Service, startService } from '../../testing/cadenza.ts'
import { openDatabase } from '../playlists/database.ts'
import { PRODUCTION } from './house.ts'

/** Cadenza as services: a door, five rooms, PostgreSQL, Redis and Kafka, each a process that may be stopped. */
export interface ServedHouse extends AsyncDisposable {
  door: Service
  redis: TestRedis
  /** Null where this machine has none: the outboxes are then read directly. */
  kafka: TestKafka | null
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
    const kafka = HAS_KAFKA ? await startKafka() : null
    closers.push(async () => kafka?.[Symbol.asyncDispose]())
    const trackIds = await writePlayables(database.url)

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
      ...(kafka && { KAFKA_BROKERS: kafka.brokers }),
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
      kafka,
      trackIds,
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

/** What the room would have copied of ten tracks and their audio: this bench plays none, and a start asks for no more. */
async function writePlayables(databaseUrl: string): Promise<string[]> {
  const trackIds = Array.from({ length: 10 }, (_, index) => derivedId('track', `bench:${index}`))
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c search_path=playback' })
  await client.connect()
  await client.query(
    `INSERT INTO playable (id, kind, title, duration_ms, markets, is_composable, version)
     SELECT id, 'TRACK', id, 10000, NULL, false, 1 FROM unnest($1::text[]) AS id`,
    [trackIds],
  )
  await client.query(
    `INSERT INTO audio_asset (asset_id, playable_id, version, asset)
     SELECT 'bench', id, 1, $2::jsonb FROM unnest($1::text[]) AS id`,
    [trackIds, JSON.stringify(assetOf('bench', 10_100))],
  )
  await client.end()
  return trackIds
}
