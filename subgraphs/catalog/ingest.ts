import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig } from '#shared/config.ts'
import { openScratch, openStorage, s3Of } from '#shared/storage/open-storage.ts'
import { createLogger } from '#shared/telemetry.ts'
import { ingestSettings } from './config.ts'
import { ImportFault } from './import/import-fault.ts'
import { count, createProgress } from './import/progress.ts'
import { openTarget } from './import/target.ts'
import { type IngestOutcome, ingestFolder } from './ingest/ingest.ts'

const USAGE = 'Which folder? npm run ingest -- FOLDER [--workers N]'
const SHOWN_FAULTS = 50

/** `npm run ingest -- FOLDER`: the music in a folder, into the catalogue and its storage. */
async function main(): Promise<void> {
  const { folder, workers } = readArguments()
  const begun = performance.now()
  const settings = readConfig(ingestSettings)
  const home = resolve(settings.CADENZA_HOME)
  // Each worker may write and renew its lease at a time, while we look on.
  const { db } = await openTarget(2 * workers + 4)
  const storage = await openStorage({ home, publicUrl: '', s3: s3Of(settings) })
  const progress = createProgress(process.stderr, 'files')
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  let faults = 0
  try {
    const outcome = await ingestFolder({
      folder,
      db,
      storage,
      scratch: openScratch(home),
      ffmpegPath: settings.FFMPEG_PATH,
      workers,
      logger: createLogger('ingest', 'fatal'),
      signal: stopping.signal,
      onFault(path, reason) {
        faults++
        if (faults <= SHOWN_FAULTS) progress.say(`Left out: ${path}: ${reason}`)
      },
      onProgress: ({ done, all, share }) =>
        progress.show({ rows: done, bytes: Math.round((done + share) * 1_000), size: all * 1_000 }),
    })
    progress.stop()
    if (faults > SHOWN_FAULTS) progress.say(`… and ${count(faults - SHOWN_FAULTS)} more left out`)
    process.stdout.write(`${summarise(outcome, faults, performance.now() - begun)}\n`)
  } finally {
    progress.stop()
    await storage.close()
    await db.$disconnect()
  }
}

function summarise(outcome: IngestOutcome, faults: number, milliseconds: number): string {
  const { files, ready, changed, moved, unchanged } = outcome
  const kinds = [
    `${count(outcome.new)} new`,
    `${count(changed)} changed`,
    `${count(moved)} moved`,
    `${count(unchanged)} unchanged`,
  ]
  const peak = Math.round(process.resourceUsage().maxRSS / 1_024)
  return (
    `${count(files)} files: ${kinds.join(', ')}, ${count(faults)} left out; ${count(ready)} written; ` +
    `${(milliseconds / 1_000).toFixed(1)} s, peak memory ${peak} MB`
  )
}

function readArguments(): { folder: string; workers: number } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { workers: { type: 'string', default: String(availableParallelism()) } },
    })
    const [folder, ...more] = positionals
    const workers = Number(values.workers)
    if (folder === undefined || more.length > 0 || !Number.isInteger(workers) || workers < 1 || workers > 64)
      throw new ImportFault(USAGE)
    return { folder: resolve(folder), workers }
  } catch (error) {
    throw error instanceof ImportFault ? error : new ImportFault(`${(error as Error).message}. ${USAGE}`)
  }
}

main().catch((error: unknown) => {
  const said =
    error instanceof Error && !(error instanceof ImportFault) ? (error.stack ?? error.message) : error
  process.stderr.write(`${said instanceof Error ? said.message : String(said)}\n`)
  process.exitCode = 1
})
