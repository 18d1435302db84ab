import DataLoader from 'dataloader'
import { type Page, toConnection } from '#shared/connection.ts'
import type { RowPage } from './models.ts'

/** A page of one parent's list. */
export interface PageKey {
  parentId: string
  page: Page
}

/** One asked page as the SQL reads it from JSON: `size` is one more than is shown, `place` tells the pages apart. */
export interface AskedPage {
  place: number
  parent: string
  size: number
  after: string[] | null
}

/** A row of the answer: `place` says whose page it is of. */
export type PageRow<Row> = Row & { place: number }

export interface PageReads<Row> {
  /** The rows of many parents' pages in one read, each page in its order. */
  findPages(asked: readonly AskedPage[]): Promise<readonly PageRow<Row>[]>
  countAll(parentIds: readonly string[]): Promise<readonly { parentId: string; total: number }[]>
  cursorOf(row: Row): string
}

/** Loads pages of many parents, each with its own `first` and `after`, in one read a level. */
export function createPageLoader<Row extends object>(
  reads: PageReads<Row>,
): DataLoader<PageKey, RowPage<Row>, string> {
  const totals = new DataLoader<string, number>(async (ids) => {
    const rows = new Map((await reads.countAll(ids)).map(({ parentId, total }) => [parentId, total]))
    return ids.map((id) => rows.get(id) ?? 0)
  })

  return new DataLoader(
    async (keys) => {
      const asked = keys.map(({ parentId, page }, place) => ({
        place,
        parent: parentId,
        size: page.first + 1,
        after: page.after,
      }))
      const pages = keys.map((): Row[] => [])
      for (const row of await reads.findPages(asked)) pages[row.place]?.push(row)
      return keys.map(({ parentId, page }, place) => ({
        ...toConnection(pages[place] ?? [], page, reads.cursorOf),
        countAll: () => totals.load(parentId),
      }))
    },
    { cacheKeyFn: ({ parentId, page }) => JSON.stringify([parentId, page.first, page.after]) },
  )
}
