import type { Room } from '#shared/room.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createCadenzaDoor } from '../../../gateway/cadenza.ts'
import { createFakeUsers } from '../../../gateway/testing/users-room.ts'
import { readSupergraph } from '../../../schema/supergraph.ts'

/** Our door as it is in production, over rooms that answer at once. Prints its port. */
const genres = Array.from({ length: 10 }, (_, at) => ({ id: `genre_${at}`, name: `Genre ${at}` }))

const room = (name: string): Room => ({
  name,
  execute: async ({ query }) => ({ data: query.includes('genres') ? { genres: { nodes: genres } } : {} }),
  subscribe: async () => ({ errors: [{ message: 'There is nothing to follow' }] }),
  isReady: async () => true,
})
const door = await createCadenzaDoor({
  supergraph: await readSupergraph(),
  rooms: [await createFakeUsers(), ...['catalog', 'playlists', 'playback', 'recommendations'].map(room)],
  defaultCountry: 'US',
  roomTimeoutMs: 2_000,
  rate: { perHour: 1_000_000_000, burst: 1_000_000_000 },
  isProduction: true,
  logger: createLogger('bench', 'silent'),
})
process.stdout.write(`port ${await door.listen(0, '127.0.0.1')}\n`)
