import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { CsvError, type Info, parse } from 'csv-parse'
import { z } from 'zod'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { type Agreement, agreementSchema, HolderUnknown, setRights } from './rights.ts'

const COLUMNS = ['track', 'work', 'title', 'holder', 'name', 'role', 'basis_points', 'from', 'until'] as const
type Cells = Partial<Record<(typeof COLUMNS)[number], string>>

export interface RightsImportOptions {
  file: string
  db: PrismaClient
  /** An agreement that is left out, by the line it begins on. */
  onFault(line: number, reason: string): void
  onProgress(state: { lines: number; bytes: number; size: number }): void
}

export interface RightsImportOutcome {
  agreements: number
  skipped: number
}

/** Something that ends an import, said in one sentence. */
export class RightsFault extends Error {}

interface Draft {
  line: number
  key: string
  rows: Cells[]
}

const AT_ONCE = 200
const PATIENCE = { timeout: 60_000, maxWait: 10_000 } as const

/**
 * Brings a file of rights in: CSV with a header, a share a line, and the shares of one agreement in lines that follow each other. With `work` it is
 * about the work (with `track` as well that is a recording of it), without about the recording. An agreement that does not hold is named and left out.
 * Throws RightsFault where the file is none.
 */
export async function importRights(options: RightsImportOptions): Promise<RightsImportOutcome> {
  const { file, db, onFault, onProgress } = options
  const outcome: RightsImportOutcome = { agreements: 0, skipped: 0 }
  const batch: { line: number; agreement: Agreement }[] = []

  const refuse = (line: number, reason: string): void => {
    outcome.skipped++
    onFault(line, reason)
  }
  const write = async (some: typeof batch): Promise<void> => {
    try {
      await db.$transaction(async (tx) => {
        for (const { agreement } of some) await setRights(tx, agreement)
      }, PATIENCE)
      outcome.agreements += some.length
    } catch (error) {
      const [only, ...more] = some
      if (!(error instanceof HolderUnknown) || only === undefined) throw error
      // One of them names nobody: each by itself, so that the others are in.
      if (more.length === 0) refuse(only.line, error.message)
      else for (const one of some) await write([one])
    }
  }

  const { size } = await stat(file).catch((error: Error) => {
    throw new RightsFault(`${file} cannot be read: ${error.message}`)
  })
  for await (const { draft, bytes, lines } of readDrafts(file)) {
    const agreement = agreementSchema.safeParse(inputOf(draft.rows))
    if (agreement.success) batch.push({ line: draft.line, agreement: agreement.data })
    else refuse(draft.line, z.prettifyError(agreement.error).replace(/\s*\n\s*/g, ' '))
    if (batch.length < AT_ONCE) continue
    await write(batch.splice(0))
    onProgress({ lines, bytes, size })
  }
  await write(batch.splice(0))
  return outcome
}

/** Lines that follow each other and speak of the same recording or work, and the same days. */
async function* readDrafts(file: string): AsyncGenerator<{ draft: Draft; bytes: number; lines: number }> {
  const parser = createReadStream(file).pipe(
    parse({ bom: true, info: true, trim: true, skip_empty_lines: true, columns: readHeader }),
  )
  let draft: Draft | null = null
  let at = { bytes: 0, lines: 0 }
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: Cells; info: Info }>) {
      const key = JSON.stringify([record.track, record.work, record.from, record.until])
      if (draft !== null && draft.key !== key) {
        yield { draft, ...at }
        draft = null
      }
      draft ??= { line: info.lines, key, rows: [] }
      draft.rows.push(record)
      at = { bytes: info.bytes, lines: info.lines }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new RightsFault(
      `${error.message}. Everything before that line is in: mend it and run the import again`,
    )
  }
  if (draft !== null) yield { draft, ...at }
}

function readHeader(header: string[]): string[] {
  const missing = COLUMNS.filter((column) => !header.includes(column))
  if (missing.length > 0)
    throw new RightsFault(`The first line must name the columns: ${missing.join(', ')} missing`)
  return header
}

function inputOf(rows: readonly Cells[]): z.input<typeof agreementSchema> {
  const [first = {}] = rows
  const told = (cell: string | undefined): string | null => (cell === undefined || cell === '' ? null : cell)
  return {
    ...{ trackId: told(first.track), workKey: told(first.work), workTitle: told(first.title) },
    ...{ from: told(first.from), until: told(first.until) },
    shares: rows.map(({ holder, name, role, basis_points }) => ({
      ...{ holderKey: holder ?? '', name: told(name), basisPoints: Number(basis_points) },
      role: told(role) as 'ARTIST' | null, // one of the roles, or else the schema says that it is none
    })),
  }
}
