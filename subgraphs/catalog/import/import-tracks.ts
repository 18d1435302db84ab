import { basename } from 'node:path'
import type { Catalogue } from '../services/catalogue.ts'
import { createBatch } from './batch.ts'
import { ImportFault } from './import-fault.ts'
import { openLines } from './lines.ts'
import { type CsvRecord, readRecords } from './records.ts'
import { createRowReader } from './track-row.ts'

const BATCH = 1_000

export interface ImportOptions {
  file: string
  /** Whose keys the file has: rows of the same source and key are the same rows, whatever the file is called. */
  source: string
  catalogue: Catalogue
  onFault(line: number, reason: string): void
  onProgress(state: { rows: number; bytes: number; size: number }): void
}

/** `rows` were read: each is new, changed, unchanged or skipped. `cut` says why the file ends too early, if it does. */
export interface ImportOutcome {
  rows: number
  isNew: number
  changed: number
  unchanged: number
  skipped: number
  cut: string | null
}

/**
 * Brings a file of tracks into the catalogue, a thousand rows a transaction: what is there is whole, whenever the import ends.
 * A bad row is named and skipped. Throws an ImportFault when the file is none, or the database refuses.
 */
export async function importTracks(options: ImportOptions): Promise<ImportOutcome> {
  const { file, source, catalogue, onFault, onProgress } = options
  const name = basename(file)
  const opened = await openLines(file)
  const records = readRecords(opened.lines)
  const header = await readHeader(records, name)
  const readRow = createRowReader(header, name)
  const outcome: ImportOutcome = { rows: 0, isNew: 0, changed: 0, unchanged: 0, skipped: 0, cut: null }
  let batch = createBatch(source)

  const write = async (): Promise<void> => {
    const tracks = batch.size()
    if (tracks === 0) return
    const written = await catalogue.write(batch.toDraft()).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
      throw new ImportFault(
        `The database refused: ${reason}. Everything before is in: run the import again`,
        {
          cause: error,
        },
      )
    })
    const isNew = written.filter((row) => row.isNew).length
    // Into empty tables every read of the next batches would be planned as if there were nothing: four times as slow.
    if (isNew > 0 && outcome.isNew === 0) await catalogue.analyze()
    outcome.isNew += isNew
    outcome.changed += written.length - isNew
    outcome.unchanged += tracks - written.length
    batch = createBatch(source)
    onProgress({ rows: outcome.rows, bytes: opened.bytesRead(), size: opened.size })
  }

  for await (const record of records) {
    outcome.rows++
    const row = 'fault' in record ? record : readRow(record.cells)
    if ('fault' in row) {
      outcome.skipped++
      onFault(record.line, row.fault)
      continue
    }
    // The same track again: its own transaction, so that the last of them is what stays.
    if (batch.has(row) || batch.size() === BATCH) await write()
    batch.add(row)
  }
  await write()
  onProgress({ rows: outcome.rows, bytes: opened.size, size: opened.size })
  return { ...outcome, cut: opened.cut() }
}

async function readHeader(records: AsyncGenerator<CsvRecord>, name: string): Promise<string[]> {
  const { value: first } = await records.next()
  if (first === undefined) throw new ImportFault(`${name} is empty: its first line must name the columns`)
  if ('fault' in first) throw new ImportFault(`The first line of ${name} names no columns: ${first.fault}`)
  return first.cells
}
