import { encodeCursor } from '#shared/connection.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { Chapter, EpisodeRow, ShowRow } from '../models.ts'
import type { AskedPage, PageReads, PageRow } from '../page-loader.ts'

/** Before every place there is. */
const FIRST = Number.MIN_SAFE_INTEGER

/** The columns of an EpisodeRow, of a table called e. */
const EPISODE = Prisma.sql`
  e.id, e.show_id AS "showId", e.title, e.description, e.duration_ms AS "durationMs", e.kind, e.explicit, e.season, e.number,
  e.enclosure, e.place::float8 AS rank,
  to_char(e.published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "publishedAt"`

export function findShows(db: PrismaClient, ids: readonly string[]): Promise<ShowRow[]> {
  return db.$queryRaw`
    SELECT id, title, description, publisher, kind, language, website, explicit FROM show WHERE id = ANY(${ids}::text[])`
}

export function findEpisodes(db: PrismaClient, ids: readonly string[]): Promise<EpisodeRow[]> {
  return db.$queryRaw`SELECT ${EPISODE} FROM episode e WHERE e.id = ANY(${ids}::text[])`
}

/** The chapters of episodes, in order. */
export async function findChapters(
  db: PrismaClient,
  episodeIds: readonly string[],
): Promise<(Chapter & { episodeId: string })[]> {
  return db.$queryRaw`
    SELECT episode.id AS "episodeId", chapter."startMs", chapter.title
      FROM episode CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(chapters) AS ("startMs" int, title text)) WITH ORDINALITY
           AS chapter ("startMs", title, place)
     WHERE episode.id = ANY(${episodeIds}::text[]) ORDER BY episode.id, chapter.place`
}

/** Episodes of shows, by their place in them. */
export function createShowEpisodes(db: PrismaClient): PageReads<EpisodeRow> {
  return {
    name: 'episodes',
    findPages: (asked: readonly AskedPage[]): Promise<PageRow<EpisodeRow>[]> => db.$queryRaw`
      SELECT asked.place, ${EPISODE}
        FROM jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) AS asked (place int, parent text, size int, after text[])
       CROSS JOIN LATERAL (
         SELECT * FROM episode
          WHERE show_id = asked.parent AND NOT is_removed
            AND (place, id COLLATE "C") > (coalesce(asked.after[1]::bigint, ${FIRST}::bigint), coalesce(asked.after[2], ''))
          ORDER BY place, id COLLATE "C" LIMIT asked.size
       ) AS e
       ORDER BY asked.place, e.place, e.id COLLATE "C"`,
    countAll: (showIds) => db.$queryRaw`
      SELECT show_id AS "parentId", count(*)::int AS total FROM episode
       WHERE show_id = ANY(${showIds}::text[]) AND NOT is_removed GROUP BY 1`,
    cursorOf: (episode) => encodeCursor(episode.rank, episode.id),
  }
}
