import { encodeCursor } from '#shared/connection.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { AlbumRow } from '../models.ts'
import type { AskedPage, PageReads, PageRow } from '../page-loader.ts'

/** The columns of an AlbumRow, of a table called a. */
export const ALBUM = Prisma.sql`a.id, a.title, a.kind, a.release_date::text AS "releaseDate", a.artwork`

/** Of a link: its album was not taken down. */
const IS_LISTED = Prisma.sql`NOT EXISTS (SELECT FROM album WHERE id = album_id AND is_removed)`

export function findAlbums(db: PrismaClient, ids: readonly string[]): Promise<AlbumRow[]> {
  return db.$queryRaw`SELECT ${ALBUM} FROM album a WHERE a.id = ANY(${ids}::text[])`
}

/** Albums of artists, newest first, those without a date last. */
export function createArtistAlbums(db: PrismaClient): PageReads<AlbumRow> {
  return {
    name: 'albums',
    findPages: (asked: readonly AskedPage[]): Promise<PageRow<AlbumRow>[]> => db.$queryRaw`
      SELECT asked.place, ${ALBUM}
        FROM jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) AS asked (place int, parent text, size int, after text[])
       CROSS JOIN LATERAL (
         SELECT album_id, released FROM album_artist
          WHERE artist_id = asked.parent AND ${IS_LISTED}
            AND (released, album_id COLLATE "C") < (coalesce(asked.after[1]::date, 'infinity'), coalesce(asked.after[2], ''))
          ORDER BY released DESC, album_id COLLATE "C" DESC LIMIT asked.size
       ) AS link
       CROSS JOIN LATERAL (SELECT * FROM album WHERE id = link.album_id LIMIT 1) AS a
       ORDER BY asked.place, link.released DESC, a.id COLLATE "C" DESC`,
    countAll: (artistIds) => db.$queryRaw`
      SELECT artist_id AS "parentId", count(*)::int AS total FROM album_artist
       WHERE artist_id = ANY(${artistIds}::text[]) AND ${IS_LISTED} GROUP BY 1`,
    cursorOf: (album) => encodeCursor(album.releaseDate ?? '-infinity', album.id),
  }
}
