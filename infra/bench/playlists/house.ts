import pg from 'pg'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { createLogger } from '#shared/telemetry.ts'
import { ROOMS, type RoomName } from '../../../schema/supergraph.ts'
import { loadDemoOnce } from '../../standalone/demo.ts'
import { freePort } from '../../standalone/postgres.ts'
import { createRooms } from '../../standalone/rooms.ts'
import { type Service, startService } from '../../testing/cadenza.ts'
import { type DatabaseOptions, openDatabase } from './database.ts'

/** Cadenza as services on a PostgreSQL of its own, with the demo's catalogue: the rooms that a playlist is made of, and doors. */
export interface House extends AsyncDisposable {
  /** Door n asks the n-th process of the playlists room. */
  doors: readonly Service[]
  /** As it is now: one that was killed is another process. */
  room(name: RoomName): Service
  db: pg.Pool
  /** Ends the n-th process of the playlists room with SIGKILL, and starts it again where it was. */
  killRoom(n?: number): Promise<void>
}

/** Where nobody listens. */
const AWAY = '9'

export async function openHouse(
  doorCount = 1,
  options: Pick<DatabaseOptions, 'countsStatements'> = {},
): Promise<House> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const database = await openDatabase({ isDurable: true, ...options })
    closers.push(async () => database[Symbol.asyncDispose]())
    await loadDemo(database.url, database.folder)
    const db = new pg.Pool({ connectionString: database.url, max: 4 })
    db.on('error', () => undefined) // idle connections that end with their server
    closers.push(() => db.end())

    const services = new Map<string, Service>()
    const ports = new Map<string, string>()
    const start = async (key: string, script: 'room' | 'gateway', ...args: string[]): Promise<void> => {
      const PORT = ports.get(key) ?? String(await freePort())
      ports.set(key, PORT)
      const environment = {
        CADENZA_HOME: database.folder,
        DATABASE_URL: database.url,
        LOG_LEVEL: 'error',
        NODE_ENV: 'production',
        RATE_LIMIT_PER_HOUR: '1000000000',
        PORT,
        PUBLIC_URL: `http://localhost:${PORT}`,
        ...addressesFor(key),
      }
      services.set(key, await startService(script, environment, ...args))
    }
    /** Rooms that no playlist needs are away. */
    const addressesFor = (key: string): Record<string, string> =>
      Object.fromEntries(
        ROOMS.map((room) => {
          const port = ports.get(room === 'playlists' ? key.replace('door', 'playlists') : room) ?? AWAY
          return [`SUBGRAPH_${room.toUpperCase()}_URL`, `http://127.0.0.1:${port}/graphql`]
        }),
      )
    closers.push(() => Promise.all([...services.values()].map((service) => service.stop())))

    await start('users', 'room', 'users')
    await start('catalog', 'room', 'catalog')
    for (let n = 0; n < doorCount; n++) {
      await start(`playlists ${n}`, 'room', 'playlists')
      await start(`door ${n}`, 'gateway')
    }
    const service = (key: string): Service => services.get(key) as Service
    return {
      doors: Array.from({ length: doorCount }, (_, n) => service(`door ${n}`)),
      room: (name) => service(name === 'playlists' ? 'playlists 0' : name),
      db,
      async killRoom(n = 0) {
        await service(`playlists ${n}`).stop('SIGKILL')
        await start(`playlists ${n}`, 'room', 'playlists')
      },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Accounts, catalogue and playlists of the demo, without their audio. */
async function loadDemo(databaseUrl: string, home: string): Promise<void> {
  const log = await createEmbeddedLog(databaseUrl)
  const logger = createLogger('bench', 'error')
  const rooms = await createRooms({ databaseUrl, log, logger, home, publicUrl: 'http://localhost' })
  await rooms.start()
  await loadDemoOnce(rooms, databaseUrl)
  await rooms.stop()
  await log.close()
}
