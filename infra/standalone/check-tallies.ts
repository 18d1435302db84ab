import { parseArgs } from 'node:util'
import { z } from 'zod'
import { readConfig } from '#shared/config.ts'
import { roomAdapter } from '#shared/database.ts'
import { compareHour, hourOf } from '../../subgraphs/playback/analytics/tally-check.ts'
import { PrismaClient } from '../../subgraphs/playback/generated/prisma/client.ts'
import { fillEnvironment } from './environment.ts'

const USAGE = `npm run tallies:check -- [options]
Compares the tallies of plays with the plays themselves, hour by hour, and writes a line of JSON for each id and hour in which they differ. Ends
with 1 where any does. The last hour is left out: its news may be on its way, as that of plays that come in late.
  --days N          how far back; 32, for so long plays come in, unless told otherwise
`
const HOUR_MS = 3_600_000

try {
  const { values } = parseArgs({ options: { days: { type: 'string', default: '32' } } })
  const days = Number(values.days)
  if (!Number.isInteger(days) || days < 1) throw new Error('--days takes a whole number, 1 or more')
  await fillEnvironment('playback')
  const { DATABASE_URL } = readConfig(z.object({ DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }) }))
  const db = new PrismaClient({ adapter: roomAdapter(DATABASE_URL, 'playback', 1) })
  const last = hourOf(Date.now()).getTime() - HOUR_MS
  let found = 0
  for (let hour = 0; hour < days * 24; hour++) {
    const differences = await compareHour(db, new Date(last - hour * HOUR_MS))
    for (const difference of differences) process.stdout.write(`${JSON.stringify(difference)}\n`)
    found += differences.length
  }
  await db.$disconnect()
  process.stderr.write(`Hours: ${days * 24}, differences: ${found}\n`)
  process.exit(found === 0 ? 0 : 1)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exit(2)
}
