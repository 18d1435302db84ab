import { type Connection, decodeCursor, encodeCursor } from '#shared/connection.ts'
import { AppError } from '#shared/errors.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Edit } from '../models.ts'
import { type EditRow, editColumns, toEdit } from './edit-row.ts'

/** As the client says it: the first so many after a cursor, or the last so many before one. */
export interface EditPageInput {
  first?: number | null | undefined
  after?: string | null | undefined
  last?: number | null | undefined
  before?: string | null | undefined
}

/** One page of one list's log. */
export interface EditsQuery {
  playlistId: string
  size: number
  /** From the newest on. */
  isBackward: boolean
  /** Between these revisions, neither of them included. */
  above: number
  below: number
}

const BEYOND = 2 ** 31 - 1

export function editsQuery(playlistId: string, { first, after, last, before }: EditPageInput): EditsQuery {
  const isBackward = last != null
  if (isBackward && first != null) throw new AppError('BAD_USER_INPUT', 'A page has first or last, not both')
  const size = last ?? first ?? 20
  if (size < 1 || size > 100)
    throw new AppError('BAD_USER_INPUT', `first and last are from 1 to 100, not ${size}`)
  const above = after == null ? 0 : revisionOf(after)
  const below = before == null ? BEYOND : revisionOf(before)
  return { playlistId, size, isBackward, above, below }
}

function revisionOf(cursor: string): number {
  const [revision = '', ...rest] = decodeCursor(cursor)
  if (rest.length > 0 || !/^\d{1,9}$/.test(revision))
    throw new AppError('BAD_USER_INPUT', 'This cursor is not of a list of edits')
  return Number(revision)
}

/** Pages of any number of logs in one read, one edit more than asked for each; backward ones have the newest first. */
export async function findEditPages(db: PrismaClient, queries: readonly EditsQuery[]): Promise<Edit[][]> {
  const rows = await db.$queryRaw<(EditRow & { place: number })[]>`
    SELECT page.place::int, ${editColumns}
      FROM unnest(${queries.map((query) => query.playlistId)}::text[], ${queries.map((query) => query.size + 1)}::int[],
                  ${queries.map((query) => query.isBackward)}::boolean[], ${queries.map((query) => query.above)}::int[],
                  ${queries.map((query) => query.below)}::int[])
           WITH ORDINALITY AS page(playlist_id, size, is_backward, above, below, place)
     CROSS JOIN LATERAL (
           (SELECT * FROM playlist_op
             WHERE NOT page.is_backward AND playlist_id = page.playlist_id AND revision > page.above AND revision < page.below
             ORDER BY revision LIMIT page.size)
           UNION ALL
           (SELECT * FROM playlist_op
             WHERE page.is_backward AND playlist_id = page.playlist_id AND revision > page.above AND revision < page.below
             ORDER BY revision DESC LIMIT page.size)) AS op`
  const pages: Edit[][] = queries.map(() => [])
  for (const { place, ...row } of rows)
    pages[place - 1]?.push(toEdit(queries[place - 1]?.playlistId ?? '', row))
  return pages.map((page, index) =>
    page.sort(
      (one, other) => (queries[index]?.isBackward === true ? -1 : 1) * (one.revision - other.revision),
    ),
  )
}

/** A page as a connection: the oldest first, whichever end it was taken from. */
export function editConnection(query: EditsQuery, found: readonly Edit[]): Connection<Edit> {
  const shown = found.slice(0, query.size)
  const hasMore = found.length > query.size
  const nodes = query.isBackward ? shown.reverse() : shown
  const edges = nodes.map((node) => ({ cursor: encodeCursor(node.revision), node }))
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: query.isBackward ? query.below !== BEYOND : hasMore,
      hasPreviousPage: query.isBackward ? hasMore : query.above > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: null,
  }
}

/** The edits that put items where they are, as far as history reaches. */
export async function findPlacingEdits(
  db: PrismaClient,
  itemIds: readonly string[],
): Promise<{ itemId: string; playlistId: string; edit: Edit }[]> {
  const rows = await db.$queryRaw<(EditRow & { itemId: string; playlistId: string })[]>`
    SELECT item.id AS "itemId", item.playlist_id AS "playlistId", ${editColumns}
      FROM playlist_item item JOIN playlist_op op ON op.playlist_id = item.playlist_id AND op.revision = item.placed_at
     WHERE item.id = ANY (${itemIds}::text[]) AND item.removed_at_revision IS NULL`
  return rows.map(({ itemId, playlistId, ...row }) => ({
    itemId,
    playlistId,
    edit: toEdit(playlistId, row),
  }))
}
