import pg from 'pg'
import { vi } from 'vitest'

interface Plan {
  'Relation Name'?: string
  'Actual Loops': number
  Plans?: Plan[]
}

/** The months of plays that the pages read while `work` runs really open, as PostgreSQL's plans say once they have run; and how many there are. */
export async function monthsOpened(
  url: string,
  work: () => Promise<unknown>,
): Promise<{ opened: number; months: number }> {
  const queries = vi.spyOn(pg.Client.prototype, 'query')
  await work()
  const calls = queries.mock.calls.map(
    ([config]) => config as unknown as { text?: string; values?: unknown[] },
  )
  queries.mockRestore()
  const client = new pg.Client({ connectionString: url, options: '-c search_path=playback -c TimeZone=UTC' })
  await client.connect()
  try {
    const opened = new Set<string>()
    for (const { text = '', values = [] } of calls.filter((call) =>
      /FROM play\s+WHERE user_id/.test(call.text ?? ''),
    )) {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        [...values],
      )
      for (const row of rows) for (const name of relationsOf(row['QUERY PLAN'][0].Plan)) opened.add(name)
    }
    const { rows } = await client.query<{ months: number }>(
      `SELECT count(*)::int AS months FROM pg_inherits WHERE inhparent = 'play'::regclass`,
    )
    return { opened: opened.size, months: rows[0]?.months ?? 0 }
  } finally {
    await client.end()
  }
}

function relationsOf(plan: Plan): string[] {
  const own = plan['Relation Name'] !== undefined && plan['Actual Loops'] > 0 ? [plan['Relation Name']] : []
  return [...own, ...(plan.Plans ?? []).flatMap(relationsOf)]
}
