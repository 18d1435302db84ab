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

/** The client for code that speaks to Prisma. */
function executorOf(client: pg.Client): SqlExecutor {
  const textOf = (query: TemplateStringsArray): string =>
    query.reduce((text, part, place) => `${text}$${place}${part}`)
  return {
    $executeRaw: async (query, ...values) => (await client.query(textOf(query), values)).rowCount ?? 0,
    $queryRaw: async <Rows>(query: TemplateStringsArray, ...values: unknown[]) =>
      (await client.query(textOf(query), values)).rows as Rows,
  }
}
