import { encodeCursor } from '#shared/connection.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { TrackRow } from '../models.ts'
import type { AskedPage, PageReads, PageRow } from '../page-loader.ts'

/** Before every number there is: without a cursor a page begins at it, and the index is read from there like from anywhere. */
const FIRST = -2_147_483_648

/** Of a link: its track was not taken down. There are few that were, and an index of them alone. */
const IS_LISTED = Prisma.sql`NOT EXISTS (SELECT FROM track WHERE id = track_id AND is_removed)`

/** The columns of a TrackRow, of a table called t. */
const TRACK = Prisma.sql`
  t.id, t.title, t.duration_ms AS "durationMs", t.album_id AS "albumId", t.disc_number AS "discNumber",
  t.track_number AS "trackNumber", t.explicit, t.isrc, t.popularity, t.markets,
  t.features_are_estimates AS "areEstimates", t.tempo, t.key, t.mode, t.energy,
  t.danceability, t.valence, t.acousticness, t.instrumentalness, t.loudness, t.speechiness`

export function findTracks(db: PrismaClient, ids: readonly string[]): Promise<TrackRow[]> {
  return db.$queryRaw`SELECT ${TRACK} FROM track t WHERE t.id = ANY(${ids}::text[])`
}

/** Tracks of albums, by disc and number. */
export function createAlbumTracks(db: PrismaClient): PageReads<TrackRow> {
  return {
    name: 'tracks of album',
    findPages: (asked: readonly AskedPage[]): Promise<PageRow<TrackRow>[]> => db.$queryRaw`
      SELECT asked.place, ${TRACK}
        FROM jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) AS asked (place int, parent text, size int, after text[])
       CROSS JOIN LATERAL (
         SELECT * FROM track
          WHERE album_id = asked.parent AND NOT is_removed
            AND (disc_number, track_number, id COLLATE "C")
                  > (coalesce(asked.after[1]::int, ${FIRST}::int), coalesce(asked.after[2]::int, 0), coalesce(asked.after[3], ''))
          ORDER BY disc_number, track_number, id COLLATE "C" LIMIT asked.size
       ) AS t
       ORDER BY asked.place, t.disc_number, t.track_number, t.id COLLATE "C"`,
    countAll: (albumIds) => db.$queryRaw`
      SELECT album_id AS "parentId", count(*)::int AS total FROM track
       WHERE album_id = ANY(${albumIds}::text[]) AND NOT is_removed GROUP BY 1`,
    cursorOf: (track) => encodeCursor(track.discNumber, track.trackNumber, track.id),
  }
}

/** Tracks of genres, the most popular first. */
export function createGenreTracks(db: PrismaClient): PageReads<TrackRow> {
  return {
    name: 'tracks of genre',
    findPages: (asked: readonly AskedPage[]): Promise<PageRow<TrackRow>[]> => db.$queryRaw`
      SELECT asked.place, ${TRACK}
        FROM jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) AS asked (place int, parent text, size int, after text[])
       CROSS JOIN LATERAL (
         SELECT track_id, -popularity AS rank FROM track_genre
          WHERE genre_id = asked.parent AND ${IS_LISTED}
            AND (-popularity, track_id COLLATE "C") > (coalesce(-asked.after[1]::int, ${FIRST}::int), coalesce(asked.after[2], ''))
          ORDER BY -popularity, track_id COLLATE "C" LIMIT asked.size
       ) AS link
       CROSS JOIN LATERAL (SELECT * FROM track WHERE id = link.track_id LIMIT 1) AS t
       ORDER BY asked.place, link.rank, t.id COLLATE "C"`,
    countAll: (genreIds) => db.$queryRaw`
      SELECT genre_id AS "parentId", count(*)::int AS total FROM track_genre
       WHERE genre_id = ANY(${genreIds}::text[]) AND ${IS_LISTED} GROUP BY 1`,
    cursorOf: (track) => encodeCursor(track.popularity, track.id),
  }
}

/** The `first` most popular tracks of each artist asked for. */
export function findTopTracks(
  db: PrismaClient,
  asked: readonly { artistId: string; first: number }[],
): Promise<PageRow<TrackRow>[]> {
  const pages = asked.map(({ artistId, first }, place) => ({ place, parent: artistId, size: first }))
  return db.$queryRaw`
    SELECT asked.place, ${TRACK}
      FROM jsonb_to_recordset(${JSON.stringify(pages)}::text::jsonb) AS asked (place int, parent text, size int)
     CROSS JOIN LATERAL (
       SELECT track_id, -popularity AS rank FROM track_artist
        WHERE artist_id = asked.parent AND ${IS_LISTED} ORDER BY -popularity, track_id COLLATE "C" LIMIT asked.size
     ) AS link
     CROSS JOIN LATERAL (SELECT * FROM track WHERE id = link.track_id LIMIT 1) AS t
     ORDER BY asked.place, link.rank, t.id COLLATE "C"`
}
