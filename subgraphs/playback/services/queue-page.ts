import { type Connection, encodeCursor, readPage, toConnection } from '#shared/connection.ts'
import { inTurn, type Queue, type QueueItem } from './queue.ts'

export interface QueuePageArgs {
  first?: number | null | undefined
  after?: string | null | undefined
}

/** What comes after the chosen item, in turn. A cursor of something that has had its turn, or is gone, leads to the beginning. */
export function pageOfQueue(
  queue: Queue,
  chosen: number | null,
  args: QueuePageArgs,
): Connection<QueueItem> & { totalCount: number } {
  const page = readPage(args)
  const coming = inTurn(queue).slice(chosen === null ? 0 : queue.turns.indexOf(chosen) + 1)
  const after = page.after === null ? -1 : coming.findIndex(({ id }) => String(id) === page.after?.[0])
  const rows = coming.slice(after + 1, after + 2 + page.first)
  return { ...toConnection(rows, page, ({ id }) => encodeCursor(id)), totalCount: coming.length }
}
