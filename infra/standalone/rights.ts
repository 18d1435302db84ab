import { parseArgs } from 'node:util'
import { z } from 'zod'
import { readConfig } from '#shared/config.ts'
import { roomAdapter } from '#shared/database.ts'
import { PrismaClient } from '../../subgraphs/playback/generated/prisma/client.ts'
import { importRights, RightsFault } from '../../subgraphs/playback/royalties/rights-import.ts'
import { fillEnvironment } from './environment.ts'

const USAGE = `npm run rights:import -- FILE.csv
Says who has rights in recordings and works, and from when to when. Columns:
  track         the id of a track: about its recording, or with work, which work that is of
  work, title   what a work is known by (its ISWC), and its title
  holder        an artist's id, or what else the holder is known by; name and role where that is new
  name, role    ARTIST, LABEL, PRODUCER, SONGWRITER or PUBLISHER
  basis_points  the share; those of one recording or work, and of the same days, follow each other and add up to 10000
  from, until   YYYY-MM-DD, the first day and the one after the last; empty is for ever
`

const SHOWN_FAULTS = 20

try {
  const [file, ...more] = parseArgs({ allowPositionals: true, options: {} }).positionals
  if (file === undefined || more.length > 0) throw new RightsFault(`Which file?\n\n${USAGE}`)
  await fillEnvironment('playback').catch((error: Error) => {
    throw new RightsFault(error.message)
  })
  const { DATABASE_URL } = readConfig(z.object({ DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }) }))
  const db = new PrismaClient({ adapter: roomAdapter(DATABASE_URL, 'playback', 2) })
  try {
    await db.rightsHolder.count().catch(() => {
      const { host } = new URL(DATABASE_URL)
      throw new RightsFault(
        `The database at ${host} does not answer, or has no rights yet: start Cadenza on it (npm start)`,
      )
    })
    let faults = 0
    const { agreements, skipped } = await importRights({
      ...{ file, db },
      onFault(line, reason) {
        faults++
        if (faults <= SHOWN_FAULTS) process.stderr.write(`line ${line}: ${reason}\n`)
      },
      onProgress: ({ lines, bytes, size }) =>
        void process.stderr.write(`${lines} lines, ${Math.floor((bytes / Math.max(size, 1)) * 100)}%\n`),
    })
    if (faults > SHOWN_FAULTS)
      process.stderr.write(`… and ${faults - SHOWN_FAULTS} more that were left out\n`)
    process.stdout.write(`${agreements} agreements are in, ${skipped} were left out\n`)
    if (skipped > 0) process.exitCode = 1
  } finally {
    await db.$disconnect()
  }
} catch (error) {
  const isOurs = error instanceof RightsFault
  process.stderr.write(`${isOurs ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 1
}
