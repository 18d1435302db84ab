import { parseArgs } from 'node:util'
import pg from 'pg'
import { ImportFault } from './import/import-fault.ts'
import { count, createProgress } from './import/progress.ts'
import { openTarget } from './import/target.ts'
import { synthesize } from './synthesis/synthesize.ts'

const USAGE = 'How many tracks? npm run catalog:synthesize -- COUNT [--seed NUMBER]'
const MOST_TRACKS = 100_000_000
/** Connections that write: one waits for the disk while the other computes. */
const WRITERS = 2

/** `npm run catalog:synthesize -- 1000000`: an invented catalogue of that many tracks, for benches and tests. */
async function main(): Promise<void> {
  const { tracks, seed } = readArguments()
  const begun = performance.now()
  const { db, url } = await openTarget()
  const progress = createProgress(process.stderr, 'tracks')
  const clients = Array.from({ length: WRITERS }, () => connection(url))
  const [first, ...more] = clients
  try {
    for (const client of clients) await client.connect()
    const made = await synthesize({
      clients: [first as pg.Client, ...more],
      seed,
      tracks,
      onProgress: (done) => progress.show({ rows: done, bytes: done, size: tracks }),
    })
    progress.stop()
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
    process.stdout.write(`${count(tracks)} tracks of seed ${seed}: ${count(made)} new; ${seconds} s\n`)
  } catch (error) {
    if (error instanceof ImportFault) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new ImportFault(`The synthesis was cut off: ${reason}. What is in stays: run it again`, {
      cause: error,
    })
  } finally {
    progress.stop()
    for (const client of clients) await client.end().catch(() => undefined)
    await db.$disconnect()
  }
}

function connection(url: string): pg.Client {
  const options = '-c search_path=catalog,public -c TimeZone=UTC'
  const client = new pg.Client({ connectionString: url, application_name: 'cadenza synthesis', options })
  client.on('error', () => undefined) // the statement under way fails with it
  return client
}

function readArguments(): { tracks: number; seed: number } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { seed: { type: 'string', default: '1' } },
    })
    const tracks = Number(positionals[0]?.replaceAll('_', ''))
    const seed = Number(values.seed)
    const isFine =
      Number.isInteger(tracks) && tracks >= 1 && tracks <= MOST_TRACKS && Number.isSafeInteger(seed)
    if (!isFine || positionals.length > 1) throw new ImportFault(USAGE)
    return { tracks, seed }
  } catch (error) {
    throw error instanceof ImportFault ? error : new ImportFault(`${(error as Error).message}. ${USAGE}`)
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
