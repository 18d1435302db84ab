import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import pg from 'pg'
import { createClient } from '../database.ts'

/** What a room knows of a person, by name: each a query with the user's id as $1. */
export type ExportSections = Readonly<Record<string, string>>

export interface ExportFileOptions {
  databaseUrl: string
  room: string
  sections: ExportSections
  userId: string
  path: string
}

const PAGE = 1_000

/**
 * Writes one JSON object, `{ section: [row, …], … }`, as it all was at one instant; a page of rows is in memory at a time. Returns the
 * SHA-256 of the file. The transaction only reads, so it holds nobody back.
 */
export async function writeExportFile(options: ExportFileOptions): Promise<string> {
  const { databaseUrl, room, sections, userId, path } = options
  const client = createClient(databaseUrl, `export ${room}`)
  const file = await open(path, 'wx')
  const hash = createHash('sha256')
  const write = async (text: string): Promise<void> => {
    hash.update(text)
    await file.write(text)
  }
  try {
    await client.connect()
    await client.query(`SET search_path TO ${pg.escapeIdentifier(room)}, public`)
    await client.query("SET TimeZone TO 'UTC'")
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    let isFirst = true
    for (const [name, query] of Object.entries(sections)) {
      await write(`${isFirst ? '{' : ','}\n"${name}": [`)
      isFirst = false
      await writeRows(client, query, userId, write)
      await write(']')
    }
    await write('\n}\n')
    await client.query('COMMIT')
  } finally {
    await file.close()
    await client.end()
  }
  return hash.digest('hex')
}

async function writeRows(
  client: pg.Client,
  query: string,
  userId: string,
  write: (text: string) => Promise<void>,
): Promise<void> {
  await client.query(`DECLARE rows CURSOR FOR SELECT row_to_json(row)::text AS json FROM (${query}) AS row`, [
    userId,
  ])
  let separator = '\n'
  for (;;) {
    const { rows } = await client.query<{ json: string }>(`FETCH ${PAGE} FROM rows`)
    if (rows.length > 0) await write(separator + rows.map(({ json }) => json).join(',\n'))
    separator = ',\n'
    if (rows.length < PAGE) break
  }
  await client.query('CLOSE rows')
}
