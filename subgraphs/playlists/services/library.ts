import { encodeCursor, type Page } from '#shared/connection.ts'
import { AppError } from '#shared/errors.ts'
import { isIdOf } from '#shared/id.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { ShelfQuery, ShelfRow } from '../models.ts'

export function shelfCursor(row: ShelfRow): string {
  return encodeCursor(row.since, row.playlistId)
}

export function shelfQuery(
  userId: string,
  viewerId: string | null,
  { first, after }: Page,
  folderId: string | null = null,
): ShelfQuery {
  const about = { userId, isOwn: userId === viewerId, folderId, first }
  if (after === null) return { ...about, after: null }
  const [since = '', playlistId = ''] = after
  if (!/^\d{1,17}$/.test(since) || !isIdOf('playlist', playlistId))
    throw new AppError('BAD_USER_INPUT', 'This cursor is not of a list of playlists')
  return { ...about, after: { since, playlistId } }
}

/**
 * One person's lists, each once: their own, else as a member, else as a follower; or what they put into one folder. `at` is
 * what a page goes by.
 */
const shelves = Prisma.sql`
  SELECT id AS playlist_id, created_at AS at FROM playlist
   WHERE asked.folder_id IS NULL AND owner_id = asked.user_id AND deleted_at IS NULL
     AND (asked.is_own OR visibility = 'PUBLIC')
   UNION ALL
  SELECT playlist_id, filed_at FROM filed_playlist JOIN playlist ON id = playlist_id
   WHERE asked.is_own AND folder_id = asked.folder_id AND filed_playlist.user_id = asked.user_id AND deleted_at IS NULL
   UNION ALL
  SELECT id, joined_at FROM collaborator member JOIN playlist ON id = member.playlist_id
   WHERE asked.folder_id IS NULL AND asked.is_own AND member.user_id = asked.user_id AND deleted_at IS NULL
   UNION ALL
  SELECT id, followed_at FROM follower JOIN playlist ON id = follower.playlist_id
   WHERE asked.folder_id IS NULL AND asked.is_own AND follower.user_id = asked.user_id AND deleted_at IS NULL AND visibility = 'PUBLIC'
     AND owner_id <> asked.user_id
     AND NOT EXISTS (SELECT FROM collaborator member WHERE member.playlist_id = id AND member.user_id = asked.user_id)`

/** Pages of any number of libraries in one read, newest first, one row more than asked for each. */
export async function findShelves(db: PrismaClient, queries: readonly ShelfQuery[]): Promise<ShelfRow[][]> {
  const rows = await db.$queryRaw<(ShelfRow & { place: number })[]>`
    SELECT asked.place::int, shelf.playlist_id AS "playlistId",
           (extract(epoch FROM shelf.at) * 1000000)::bigint::text AS since
      FROM unnest(${queries.map((query) => query.userId)}::text[], ${queries.map((query) => query.isOwn)}::boolean[],
                  ${queries.map((query) => query.folderId)}::text[], ${queries.map((query) => query.first + 1)}::int[],
                  ${queries.map((query) => query.after?.since ?? null)}::bigint[],
                  ${queries.map((query) => query.after?.playlistId ?? null)}::text[])
           WITH ORDINALITY AS asked(user_id, is_own, folder_id, size, since, playlist_id, place)
     CROSS JOIN LATERAL (
           SELECT * FROM (${shelves}) AS shelf
            WHERE asked.since IS NULL
               OR (at, playlist_id) < (to_timestamp(asked.since / 1000000.0), asked.playlist_id)
            ORDER BY at DESC, playlist_id DESC LIMIT asked.size) AS shelf
     ORDER BY asked.place, shelf.at DESC, shelf.playlist_id DESC`
  const pages: ShelfRow[][] = queries.map(() => [])
  for (const { place, ...row } of rows) pages[place - 1]?.push(row)
  return pages
}

/** How many lists each library holds. */
export async function countShelves(
  db: PrismaClient,
  queries: readonly Pick<ShelfQuery, 'userId' | 'isOwn' | 'folderId'>[],
): Promise<number[]> {
  const rows = await db.$queryRaw<{ place: number; total: number }[]>`
    SELECT asked.place::int, (SELECT count(*)::int FROM (${shelves}) AS shelf) AS total
      FROM unnest(${queries.map((query) => query.userId)}::text[], ${queries.map((query) => query.isOwn)}::boolean[],
                  ${queries.map((query) => query.folderId)}::text[])
           WITH ORDINALITY AS asked(user_id, is_own, folder_id, place)`
  const totals = new Map(rows.map((row) => [row.place, row.total]))
  return queries.map((_, index) => totals.get(index + 1) ?? 0)
}
