import { createEmbeddedLog } from '#shared/event-log.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createPlaybackRoom } from '../server.ts'

/** `<database> <home>` and, as JSON, `<identity> <plays>`: a room as a process, whose clock may be wrong, that takes a report of plays without a network. */
const [databaseUrl = '', home = '', identity = '', input = ''] = process.argv.slice(2)
const log = await createEmbeddedLog(databaseUrl)
const room = await createPlaybackRoom({
  ...{ databaseUrl, home, log, logger: createLogger('playback', 'silent') },
  publicUrl: 'http://music.test',
})
const query =
  'mutation ($input: OfflineReportInput!) { offlineReport(input: $input) { accepted rejected { code } } }'
const { data, errors } = await room.execute({
  ...{ query, variables: { input: JSON.parse(input) }, identity: JSON.parse(identity) },
})
process.stdout.write(JSON.stringify({ clock: Date.now(), report: data?.['offlineReport'], errors }))
await room.stop()
await log.close()
