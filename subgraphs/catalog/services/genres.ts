import { encodeCursor, type Page, toConnection } from '#shared/connection.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { GenreRow, RowPage } from '../models.ts'

export function findGenres(db: PrismaClient, ids: readonly string[]): Promise<GenreRow[]> {
  return db.$queryRaw`SELECT id, name FROM genre WHERE id = ANY(${ids}::text[])`
}

export function findGenresOfTracks(
  db: PrismaClient,
  trackIds: readonly string[],
): Promise<(GenreRow & { trackId: string })[]> {
  return db.$queryRaw`
    SELECT track_id AS "trackId", genre.id, name FROM track_genre JOIN genre ON genre.id = genre_id
     WHERE track_id = ANY(${trackIds}::text[]) ORDER BY track_id, position, genre.id`
}

export function findGenresOfArtists(
  db: PrismaClient,
  artistIds: readonly string[],
): Promise<(GenreRow & { artistId: string })[]> {
  return db.$queryRaw`
    SELECT artist_id AS "artistId", genre.id, name FROM artist_genre JOIN genre ON genre.id = genre_id
     WHERE artist_id = ANY(${artistIds}::text[]) ORDER BY artist_id, position, genre.id`
}

/** Some track is of it. */
const IS_LISTED = Prisma.sql`NOT EXISTS (SELECT FROM withdrawn WHERE node_id = genre.id)`

export interface GenreList {
  /** All genres by name. */
  list(page: Page): Promise<RowPage<GenreRow>>
}

export function createGenreList(db: PrismaClient): GenreList {
  return {
    async list(page) {
      const [name, id] = page.after ?? [null, null]
      const rows = await db.$queryRaw<GenreRow[]>`
        SELECT id, name FROM genre
         WHERE (${name}::text IS NULL OR (name COLLATE "C", id COLLATE "C") > (${name}, ${id})) AND ${IS_LISTED}
         ORDER BY name COLLATE "C", id COLLATE "C" LIMIT ${page.first + 1}`
      return {
        ...toConnection(rows, page, (genre) => encodeCursor(genre.name, genre.id)),
        async countAll() {
          const [row] = await db.$queryRaw<{ total: number }[]>`
            SELECT count(*)::int AS total FROM genre WHERE ${IS_LISTED}`
          return row?.total ?? 0
        },
      }
    },
  }
}
