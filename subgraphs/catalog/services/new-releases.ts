import { encodeCursor, type Page, toConnection } from '#shared/connection.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { AlbumRow, RowPage } from '../models.ts'
import { ALBUM } from './albums.ts'

const DAY_MS = 86_400_000

export interface NewReleases {
  /** Albums that are out today (UTC), the newest first. */
  list(page: Page): Promise<RowPage<AlbumRow>>
}

export function createNewReleases(db: PrismaClient): NewReleases {
  return {
    async list(page) {
      // One bound, of both columns: of two PostgreSQL would read the index from the looser one on.
      const tomorrow = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10)
      const [date = tomorrow, id = ''] =
        page.after !== null && String(page.after[0]) < tomorrow ? page.after : []
      const rows = await db.$queryRaw<AlbumRow[]>`
        SELECT ${ALBUM} FROM album a
         WHERE (release_date, id COLLATE "C") < (${date}::date, ${id}) AND NOT is_removed
         ORDER BY release_date DESC, id COLLATE "C" DESC LIMIT ${page.first + 1}`
      return {
        ...toConnection(rows, page, (album) => encodeCursor(album.releaseDate ?? '-infinity', album.id)),
        async countAll() {
          const [row] = await db.$queryRaw<{ total: number }[]>`
            SELECT count(*)::int AS total FROM album
             WHERE release_date <= (now() AT TIME ZONE 'UTC')::date AND NOT is_removed`
          return row?.total ?? 0
        },
      }
    },
  }
}
