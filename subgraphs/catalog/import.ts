import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { ImportFault } from './import/import-fault.ts'
import { type ImportOutcome, importTracks } from './import/import-tracks.ts'
import { count, createProgress } from './import/progress.ts'
import { openTarget } from './import/target.ts'
import { createCatalogue } from './services/catalogue.ts'

const USAGE = 'Which file? npm run catalog:import -- FILE.csv[.gz] [--source NAME]'
const SHOWN_FAULTS = 20

/** `npm run catalog:import -- FILE.csv[.gz]`: tracks with their artists and albums, into the catalogue. */
async function main(): Promise<void> {
  const { file, source } = readArguments()
  const begun = performance.now()
  const { db } = await openTarget()
  const progress = createProgress(process.stderr)
  const catalogue = createCatalogue(db)
  let faults = 0
  try {
    const outcome = await importTracks({
      file,
      source,
      catalogue,
      onProgress: progress.show,
      onFault(line, reason) {
        faults++
        if (faults <= SHOWN_FAULTS) progress.say(`Line ${line} skipped: ${reason}`)
      },
    })
    progress.stop()
    if (faults > SHOWN_FAULTS) progress.say(`… and ${count(faults - SHOWN_FAULTS)} more lines skipped`)
    if (outcome.isNew + outcome.changed > 0) await catalogue.analyze()
    process.stdout.write(`${summarise(outcome, performance.now() - begun)}\n`)
    if (outcome.cut !== null)
      throw new ImportFault(
        `${basename(file)} does not end as it should: ${outcome.cut}. All rows before are in`,
      )
  } finally {
    progress.stop()
    await db.$disconnect()
  }
}

function summarise(outcome: ImportOutcome, milliseconds: number): string {
  const { rows, isNew, changed, unchanged, skipped } = outcome
  const kinds = [`${count(isNew)} new`, `${count(changed)} changed`, `${count(unchanged)} unchanged`]
  const peak = Math.round(process.resourceUsage().maxRSS / 1_024)
  return (
    `${count(rows)} rows: ${kinds.join(', ')}, ${count(skipped)} skipped; ` +
    `${(milliseconds / 1_000).toFixed(1)} s, peak memory ${peak} MB`
  )
}

function readArguments(): { file: string; source: string } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { source: { type: 'string', default: 'spotify' } },
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0 || values.source.trim() === '') throw new ImportFault(USAGE)
    return { file, source: values.source }
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
