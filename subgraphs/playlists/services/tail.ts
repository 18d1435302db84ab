import type { Edit } from '../models.ts'
import { countItems } from './edit-row.ts'

/** How much of a watched list's log is held in memory: so many edits, and so many items named in them. */
const MOST_EDITS = 200
const MOST_ITEMS = 2_000

/** The last edits of a list with the news behind them, without a gap up to `revision`; empty when the news do not reach it. */
export function extended(tail: readonly Edit[], news: readonly Edit[], revision: number): readonly Edit[] {
  const known = tail.at(-1)?.revision
  const isNext = known === undefined || news[0] === undefined || news[0].revision === known + 1
  const edits = isNext ? [...tail, ...news] : [...news]
  if (edits.at(-1)?.revision !== revision) return []
  return edits.slice(startOfLast(edits))
}

function startOfLast(edits: readonly Edit[]): number {
  let start = edits.length
  for (let items = 0; start > 0 && edits.length - start < MOST_EDITS; start--) {
    items += countItems(edits[start - 1] as Edit)
    if (items > MOST_ITEMS) break
  }
  return start
}
