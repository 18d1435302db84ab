import { readConfig } from '#shared/config.ts'
import { createInternalTokens } from '#shared/identity.ts'
import { createLogger } from '#shared/telemetry.ts'
import { readSupergraph } from '../schema/supergraph.ts'
import { admissionOf } from './admission-settings.ts'
import { arrivalsOf } from './arrival-settings.ts'
import { cachingOf } from './caching/settings.ts'
import { createCadenzaDoor } from './cadenza.ts'
import { doorSettings } from './config.ts'
import { rateOf } from './rate-limit/settings.ts'
import { createRemoteRoom } from './rooms/remote-room.ts'

const config = readConfig(doorSettings)
const tokens = createInternalTokens(config.CADENZA_INTERNAL_SECRET)
const addresses = {
  users: config.SUBGRAPH_USERS_URL,
  catalog: config.SUBGRAPH_CATALOG_URL,
  playlists: config.SUBGRAPH_PLAYLISTS_URL,
  playback: config.SUBGRAPH_PLAYBACK_URL,
  recommendations: config.SUBGRAPH_RECOMMENDATIONS_URL,
}
const HEARTBEAT_LIMIT_MS = 30_000 // three of a room's
const door = await createCadenzaDoor({
  supergraph: await readSupergraph(),
  rooms: Object.entries(addresses).map(([name, url]) =>
    createRemoteRoom({
      name,
      url,
      timeoutMs: config.ROOM_TIMEOUT_MS,
      subscriptions: 'sse',
      heartbeatLimitMs: HEARTBEAT_LIMIT_MS,
      headersOf: async ({ identity }) => ({ authorization: `Bearer ${await tokens.sign(identity, name)}` }),
    }),
  ),
  defaultCountry: config.DEFAULT_COUNTRY,
  roomTimeoutMs: config.ROOM_TIMEOUT_MS,
  requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
  caching: cachingOf(config),
  rate: rateOf(config),
  arrivals: arrivalsOf(config),
  admission: admissionOf(config),
  isProduction: config.NODE_ENV === 'production',
  logger: createLogger('door', config.LOG_LEVEL),
})
const port = await door.listen(config.PORT, config.HOST)
process.stdout.write(`The door is ready: http://${config.HOST}:${port}/graphql\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void door.stop())
