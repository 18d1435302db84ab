import { encodeCursor, type Page } from '#shared/connection.ts'
import { AppError } from '#shared/errors.ts'
import { isIdOf } from '#shared/id.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { ItemRow, RankedItemRow, SeenPlaylist } from '../models.ts'

/** One page of one list. The cursor's epoch says whether its rank is still the item's. */
export interface ItemsQuery {
  playlistId: string
  first: number
  after: { epoch: number; rank: string; itemId: string } | null
}

export function itemCursor(playlist: SeenPlaylist, item: RankedItemRow): string {
  return encodeCursor(playlist.rankEpoch, item.rank, item.id)
}

export function itemsQuery(playlistId: string, { first, after }: Page): ItemsQuery {
  if (after === null) return { playlistId, first, after: null }
  const [epoch = '', rank = '', itemId = ''] = after
  if (!/^\d{1,9}$/.test(epoch) || !/^[0-9A-Za-z]{1,256}$/.test(rank) || !isIdOf('item', itemId))
    throw new AppError('BAD_USER_INPUT', 'This cursor is not of a list of items')
  return { playlistId, first, after: { epoch: Number(epoch), rank, itemId } }
}

/**
 * Pages of any number of lists in one read, one row more than asked for each. By rank, so that a page costs the same
 * wherever it is; an item of the cursor that was given another rank since then is looked up.
 */
export async function findItemPages(
  db: PrismaClient,
  queries: readonly ItemsQuery[],
): Promise<RankedItemRow[][]> {
  const rows = await db.$queryRaw<(RankedItemRow & { place: number })[]>`
    SELECT page.place::int, item.id, item.playlist_id AS "playlistId", item.track_id AS "trackId", item.rank,
           item.added_at AS "addedAt", item.added_by AS "addedBy"
      FROM unnest(${queries.map((query) => query.playlistId)}::text[], ${queries.map((query) => query.first + 1)}::int[],
                  ${queries.map((query) => query.after?.epoch ?? 0)}::int[],
                  ${queries.map((query) => query.after?.rank ?? '')}::text[],
                  ${queries.map((query) => query.after?.itemId ?? '')}::text[])
           WITH ORDINALITY AS page(playlist_id, size, epoch, rank, item_id, place)
     CROSS JOIN LATERAL (
           SELECT coalesce((SELECT cursor_item.rank FROM playlist JOIN playlist_item cursor_item
                                ON cursor_item.playlist_id = playlist.id AND cursor_item.id = page.item_id
                             WHERE playlist.id = page.playlist_id AND playlist.rank_epoch <> page.epoch),
                           page.rank) AS rank) AS start
     CROSS JOIN LATERAL (
           SELECT * FROM playlist_item
            WHERE playlist_id = page.playlist_id AND removed_at_revision IS NULL AND rank > start.rank
            ORDER BY rank LIMIT page.size) AS item
     ORDER BY page.place, item.rank`
  const pages: RankedItemRow[][] = queries.map(() => [])
  for (const { place, ...row } of rows) pages[place - 1]?.push(row)
  return pages
}

/** Items of `ids` that are still in their lists; whether the list may be seen is the caller's to ask. */
export function findItems(db: PrismaClient, ids: readonly string[]): Promise<ItemRow[]> {
  return db.$queryRaw<ItemRow[]>`
    SELECT id, playlist_id AS "playlistId", track_id AS "trackId", added_at AS "addedAt", added_by AS "addedBy"
      FROM playlist_item
     WHERE id = ANY (${ids.filter((id) => isIdOf('item', id))}::text[]) AND removed_at_revision IS NULL`
}
