import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { ROOMS } from '../../../schema/supergraph.ts'

/** Rows of any table of any room that have one of the marks in any column, as `room.table: row`. */
export async function tracesInTables(databaseUrl: string, marks: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const traces: string[] = []
    const { rows: tables } = await client.query<{ room: string; name: string }>(
      'SELECT schemaname AS room, tablename AS name FROM pg_tables WHERE schemaname = ANY ($1) ORDER BY 1, 2',
      [ROOMS],
    )
    for (const { room, name } of tables) {
      const table = `${pg.escapeIdentifier(room)}.${pg.escapeIdentifier(name)}`
      const { rows } = await client.query<{ text: string }>(
        `SELECT whole::text AS text FROM ${table} AS whole WHERE lower(whole::text) LIKE ANY ($1)`,
        [marks.map((mark) => `%${mark.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`)],
      )
      traces.push(...rows.map(({ text }) => `${room}.${name}: ${text}`))
    }
    return traces
  } finally {
    await client.end()
  }
}

/** Files of a folder, at any depth, that have one of the marks in their path or among their bytes. */
export async function tracesInFiles(folder: string, marks: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const traces: string[] = []
  for (const path of paths) {
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    if (marks.some((mark) => path.includes(mark) || bytes.includes(mark))) traces.push(path)
  }
  return traces
}

/** Has the second pass of all erasures come now, which comes a quarter of an hour later else, and waits for its end. */
export async function settle(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const parts = ROOMS.map((room) => `${pg.escapeIdentifier(room)}.privacy_part`)
    for (const part of parts)
      await client.query(`UPDATE ${part} SET due_at = clock_timestamp() WHERE state = 'SETTLING'`)
    for (const part of parts) {
      for (let waiting = 1; waiting > 0; ) {
        const { rows } = await client.query<object>(`SELECT 1 FROM ${part} WHERE state = 'SETTLING'`)
        waiting = rows.length
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  } finally {
    await client.end()
  }
}
