import { encodeCursor } from '#shared/connection.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { EpisodeRow, ShowRow } from '../models.ts'
import type { AskedPage, PageReads, PageRow } from '../page-loader.ts'

/** The columns of an EpisodeRow, of a table called e. */
const EPISODE = Prisma.sql`
  e.id, e.show_id AS "showId", e.title, e.description, e.duration_ms AS "durationMs", 
  to_char(e.published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "publishedAt"`

export function findShows(db: PrismaClient, ids: readonly string[]): Promise<ShowRow[]> {
  return db.$queryRaw`SELECT id, title, description, publisher FROM show WHERE id = ANY(${ids}::text[])`
}

export function findEpisodes(db: PrismaClient, ids: readonly string[]): Promise<EpisodeRow[]> {
  return db.$queryRaw`SELECT ${EPISODE} FROM episode e WHERE e.id = ANY(${ids}::text[])`
}

/** Episodes of shows, newest first, those without a date last. */
export function createShowEpisodes(db: PrismaClient): PageReads<EpisodeRow> {
  return {
    name: 'episodes',
    findPages: (asked: readonly AskedPage[]): Promise<PageRow<EpisodeRow>[]> => db.$queryRaw`
      SELECT asked.place, ${EPISODE}
        FROM jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) AS asked (place int, parent text, size int, after text[])
       CROSS JOIN LATERAL (
         SELECT *, coalesce(published_at, '-infinity') AS published FROM episode
          WHERE show_id = asked.parent
            AND (coalesce(published_at, '-infinity'), id COLLATE "C")
                  < (coalesce(asked.after[1]::timestamptz, 'infinity'), coalesce(asked.after[2], ''))
          ORDER BY coalesce(published_at, '-infinity') DESC, id COLLATE "C" DESC LIMIT asked.size
       ) AS e
       ORDER BY asked.place, e.published DESC, e.id COLLATE "C" DESC`,
    countAll: (showIds) => db.$queryRaw`
      SELECT show_id AS "parentId", count(*)::int AS total FROM episode
       WHERE show_id = ANY(${showIds}::text[]) GROUP BY 1`,
    cursorOf: (episode) => encodeCursor(episode.publishedAt ?? '-infinity', episode.id),
  }
}
