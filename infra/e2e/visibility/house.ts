import { createEmbeddedLog } from '#shared/event-log.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createCadenzaDoor } from '../../../gateway/cadenza.ts'
import { readSupergraph } from '../../../schema/supergraph.ts'
import { loadDemoOnce } from '../../standalone/demo.ts'
import { freePort } from '../../standalone/postgres.ts'
import { createRooms, type Rooms } from '../../standalone/rooms.ts'

/** The five rooms with the demo, and a door that keeps and shares what it may, in this process. */
export interface House extends AsyncDisposable {
  rooms: Rooms
  /** …/graphql */
  url: string
}

const CACHE_BYTES = 32 * 2 ** 20
const ENDLESS = 1_000_000_000

/** `home` is a folder for secrets. */
export async function openHouse(databaseUrl: string, home: string): Promise<House> {
  const log = await createEmbeddedLog(databaseUrl)
  const logger = createLogger('visibility', 'silent')
  const port = await freePort()
  const publicUrl = `http://127.0.0.1:${port}`
  const rooms = await createRooms({ databaseUrl, log, logger, home, publicUrl })
  await rooms.start()
  await loadDemoOnce(rooms, databaseUrl)
  const door = await createCadenzaDoor({
    supergraph: await readSupergraph(),
    rooms: rooms.all,
    handlers: rooms.all.flatMap((room) => room.handlers),
    defaultCountry: 'SE',
    roomTimeoutMs: 20_000,
    requestTimeoutMs: 30_000,
    isProduction: true,
    caching: { share: 'calls', entityBytes: CACHE_BYTES, answerBytes: CACHE_BYTES },
    // What is too much for a client is asked here all the same.
    rate: { perHour: ENDLESS, burst: ENDLESS },
    limits: {
      selections: 4_000,
      tokens: 20_000,
      fetches: 400,
      cost: 10_000_000,
      answerFields: 10_000_000,
      planningMs: 20_000,
    },
    logger,
  })
  await door.listen(port, '127.0.0.1')
  return {
    rooms,
    url: `${publicUrl}/graphql`,
    async [Symbol.asyncDispose]() {
      await door.stop()
      await rooms.stop()
      await log.close()
    },
  }
}
