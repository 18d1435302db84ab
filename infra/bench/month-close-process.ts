import { createEmbeddedLog } from '#shared/event-log.ts'
import { anonymous } from '#shared/identity.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createPlaybackRoom } from '../../subgraphs/playback/server.ts'
import { operation } from '../testing/operations.ts'

/** `<database> <home> <input as JSON>`: a playback room of its own that closes a month, asked as the door asks it, until it is closed. */
const [databaseUrl = '', home = '', input = ''] = process.argv.slice(2)
const log = await createEmbeddedLog(databaseUrl)
const room = await createPlaybackRoom({
  ...{ databaseUrl, home, log, logger: createLogger('bench', 'error') },
  publicUrl: 'http://bench',
})
const query = operation('RoyaltyMonthClose')
const identity = { ...anonymous('US'), userId: 'user_bench', role: 'ADMIN' as const }

for (;;) {
  const { data, errors } = await room.execute({ query, variables: { input: JSON.parse(input) }, identity })
  const { state, statement, userErrors } = (data?.['royaltyMonthClose'] ?? {}) as Record<string, unknown>
  if (state === 'DONE') {
    process.stdout.write(JSON.stringify(statement))
    break
  }
  if (state !== 'RUNNING') throw new Error(JSON.stringify({ errors, userErrors }))
}
await room.stop()
await log.close()
