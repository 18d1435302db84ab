import { Sql } from '@prisma/client/runtime/client'
import type pg from 'pg'
import type { SqlExecutor } from '#shared/database.ts'
import { announceStale } from '../services/stale-rows.ts'

/** Does work in a transaction, and tells whoever keeps rows of the catalogue that any may be others now. */
export async function inTransaction<Result>(client: pg.Client, work: () => Promise<Result>): Promise<Result> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await announceStale(executorOf(client), null)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined) // the first error says what happened
    throw error
  }
}

/** The client for code that speaks to Prisma, whose statements may be parts of statements. */
function executorOf(client: pg.Client): SqlExecutor {
  const ask = (query: TemplateStringsArray, values: unknown[]): Promise<pg.QueryResult> => {
    const { text, values: all } = new Sql(query, values)
    return client.query(text, all)
  }
  return {
    $executeRaw: async (query, ...values) => (await ask(query, values)).rowCount ?? 0,
    $queryRaw: async <Rows>(query: TemplateStringsArray, ...values: unknown[]) =>
      (await ask(query, values)).rows as Rows,
  }
}
