import DataLoader from 'dataloader'
import { type Page, toConnection } from '#shared/connection.ts'
import type { RowCache } from './caching/row-cache.ts'
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
  /** What the list is called, among all of a parent. */
  name: string
  /** The rows of many parents' pages in one read, each page in its order. */
  findPages(asked: readonly AskedPage[]): Promise<readonly PageRow<Row>[]>
  countAll(parentIds: readonly string[]): Promise<readonly { parentId: string; total: number }[]>
  cursorOf(row: Row): string
}

/**
 * Loads pages of many parents, each with its own `first` and `after`, in one read a level. First pages are kept. What costs
 * the same wherever a page begins: the order stands in an index that is read from the row before, and rows behind links are looked up one
 * by one (LATERAL … LIMIT 1), never joined: a plan for all of them reads whole tables.
 */
export function createPageLoader<Row extends object>(
  cache: RowCache,
  reads: PageReads<Row>,
): DataLoader<PageKey, RowPage<Row>, string> {
  const totals = new DataLoader<string, number>((ids) =>
    cache.through(
      ids.map((id) => ({ id, part: `${reads.name} total` })),
      async (missing) => {
        const rows = await reads.countAll(missing.map(({ id }) => id))
        const totalOf = new Map(rows.map(({ parentId, total }) => [parentId, total]))
        return missing.map(({ id }) => totalOf.get(id) ?? 0)
      },
    ),
  )

  async function find(keys: readonly PageKey[]): Promise<Row[][]> {
    const asked = keys.map(({ parentId, page }, place) => ({
      place,
      parent: parentId,
      size: page.first + 1,
      after: page.after,
    }))
    const pages = keys.map((): Row[] => [])
    for (const row of await reads.findPages(asked)) pages[row.place]?.push(row)
    return pages
  }

  /** Where somebody reads on from is hardly asked for again. */
  async function load(keys: readonly PageKey[]): Promise<Row[][]> {
    if (keys.some(({ page }) => page.after !== null)) return find(keys)
    const places = keys.map((key) => ({ ...key, id: key.parentId, part: `${reads.name} ${key.page.first}` }))
    return cache.through(places, find)
  }

  return new DataLoader(
    async (keys) => {
      const pages = await load(keys)
      return keys.map(({ parentId, page }, place) => ({
        ...toConnection(pages[place] ?? [], page, reads.cursorOf),
        countAll: () => totals.load(parentId),
      }))
    },
    { cacheKeyFn: ({ parentId, page }) => JSON.stringify([parentId, page.first, page.after]) },
  )
}
