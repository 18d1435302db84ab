import pg from 'pg'
import { vi } from 'vitest'

/** How many statements the room sends to its lists and libraries while `work` runs. */
export async function readsOf(work: () => Promise<unknown>): Promise<number> {
  const queries = vi.spyOn(pg.Client.prototype, 'query')
  await work()
  const reads = queries.mock.calls.filter(([config]) =>
    /FROM \(?\s*(\\n\s*)?(playlist|unnest|collaborator|follower|saved|library)/.test(JSON.stringify(config)),
  )
  queries.mockRestore()
  return reads.length
}
