import pg from 'pg'
import { vi } from 'vitest'

interface Statement {
  text: string
  values: unknown[]
}

/** Blocks of 8 KiB that PostgreSQL reads for the statements of `work`, in memory or not: what a read costs whatever else is going on. */
export async function blocksOf(databaseUrl: string, work: () => Promise<unknown>): Promise<number> {
  const statements = await recordStatements(work)
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c search_path=catalog,public' })
  await client.connect()
  try {
    let blocks = 0
    for (const { text, values } of statements) {
      const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values)
      const plan = rows[0]['QUERY PLAN'][0]['Plan']
      blocks += plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
    }
    return blocks
  } finally {
    await client.end()
  }
}

async function recordStatements(work: () => Promise<unknown>): Promise<Statement[]> {
  const sent = vi.spyOn(pg.Client.prototype, 'query')
  try {
    await work()
    return sent.mock.calls.map(([config]) => config as unknown as Statement)
  } finally {
    sent.mockRestore()
  }
}
