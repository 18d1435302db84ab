import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { announceCommits } from './commit-news.ts'

/** Anything that runs SQL in a room's schema: its Prisma client or a transaction of it. */
export interface SqlExecutor {
  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>
  $queryRaw<Rows>(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<Rows>
}

/** A room's Prisma client as far as shared code needs it. */
export interface SqlDatabase extends SqlExecutor {
  $transaction<Result>(
    work: (tx: SqlExecutor) => Promise<Result>,
    options?: { timeout?: number; maxWait?: number },
  ): Promise<Result>
}

/**
 * The Prisma driver adapter of one room: its own schema first on the search path, so raw SQL and models see the room's
 * tables and nothing else's. Waits are bounded: pg has no limit of its own for a free connection. Commits with news for the
 * readers of the log are announced.
 */
export function roomAdapter(
  databaseUrl: string,
  room: string,
  poolSize = 8,
  options: { keepsPlans?: boolean } = {},
): PrismaPg {
  const adapters = new PrismaPg(
    {
      connectionString: databaseUrl,
      application_name: `cadenza ${room}`,
      // Prisma writes instants without their zone and reads them as UTC: right only where the session says UTC too.
      options: `-c search_path=${room},public -c TimeZone=UTC`,
      max: poolSize,
      // As long as the longest `maxWait` of a transaction: a shorter one would refuse those who said that they would wait.
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: 10_000,
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 30_000,
    },
    { schema: room, ...(options.keepsPlans === true && { statementNameGenerator: createStatementNames() }) },
  )
  return announceCommits(adapters)
}

const MOST_STATEMENTS = 200

/**
 * Names for a room's statements, so that each connection parses and plans them once: for rooms whose statements are few,
 * and as good with one plan as with another. Texts beyond the first 200 stay without; every connection would keep them.
 */
function createStatementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>()
  return ({ sql }) => {
    const known = names.get(sql)
    if (known !== undefined) return known
    const name = names.size < MOST_STATEMENTS ? `s${names.size}` : ''
    if (name !== '') names.set(sql, name)
    return name
  }
}

/** A plain connection for whoever looks after the log, outside any room's schema; errors end it and are the owner's to notice. */
export function createClient(databaseUrl: string, purpose: string, patienceMs = 10_000): pg.Client {
  return new pg.Client({
    connectionString: databaseUrl,
    application_name: `cadenza ${purpose}`,
    connectionTimeoutMillis: 5_000,
    query_timeout: patienceMs,
  })
}

/** A few connections for short reads outside any room's schema. */
export function createReaders(databaseUrl: string, purpose: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: `cadenza ${purpose}`,
    max: 3,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  })
  pool.on('error', () => undefined) // an idle connection that ended: the next read opens another
  return pool
}

const READY_WITHIN_MS = 1_000

/** Whether the database answers within a second: what a room cannot do its work without. */
export async function answers(db: SqlDatabase): Promise<boolean> {
  const late = new Promise<false>((resolve) => setTimeout(resolve, READY_WITHIN_MS, false).unref())
  const answer = db.$queryRaw`SELECT 1`.then(
    () => true,
    () => false,
  )
  return Promise.race([answer, late])
}
