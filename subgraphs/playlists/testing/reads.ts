import pg from 'pg'
import { vi } from 'vitest'

/** How many statements the room sends to its lists and libraries while `work` runs. */
export function readsOf(work: () => Promise<unknown>): Promise<number> {
  return countStatements(work, (text) =>
    /FROM \(?\s*(playlist|unnest|collaborator|follower|saved|library)/.test(text),
  )
}

/** How many of them read the log of a list. */
export function logReadsOf(work: () => Promise<unknown>): Promise<number> {
  return countStatements(
    work,
    (text) => /FROM playlist_op/.test(text) && !/INSERT INTO playlist_op/.test(text),
  )
}

async function countStatements(
  work: () => Promise<unknown>,
  isCounted: (text: string) => boolean,
): Promise<number> {
  return (await statementsOf(work)).filter(({ text }) => isCounted(text)).length
}

/** What PostgreSQL does for the pages of items that are read while `work` runs: as its plans say, once they have run. */
export async function pagePlansOf(url: string, work: () => Promise<unknown>): Promise<Plan[]> {
  const calls = await statementsOf(work)
  const client = new pg.Client({ connectionString: url, options: '-c search_path=playlists' })
  await client.connect()
  const plans: Plan[] = []
  for (const { text, values } of calls.filter((call) => /AS cursor_item|cursor_item\.rank/.test(call.text))) {
    const explained = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(explained, [...values])
    plans.push(...rows.map((row) => row['QUERY PLAN'][0].Plan))
  }
  await client.end()
  return plans
}

/** A node of a plan, with what it really did. */
export interface Plan {
  'Node Type': string
  'Index Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: Plan[]
}

interface Statement {
  text: string
  values: readonly unknown[]
}

async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const queries = vi.spyOn(pg.Client.prototype, 'query')
  await work()
  const statements = queries.mock.calls.map(([config, values]) => {
    const { text, values: own } = config as unknown as { text?: string; values?: unknown[] }
    return { text: text ?? String(config), values: own ?? (Array.isArray(values) ? values : []) }
  })
  queries.mockRestore()
  return statements.filter(({ text }) => !text.includes('pg_notify')) // hints follow commits of before
}
