import type { SqlExecutor } from '#shared/database.ts'
import type { Identity } from '#shared/identity.ts'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { SearchKind } from '../../models.ts'
import type { Candidate } from './engine.ts'
import type { Affinity } from './ranking.ts'

/** What listeners are drawn to: artists and genres they play, playlists of their own. */
export interface Tastes {
  /** Of whom nothing is known, and of nobody signed in, it is empty. */
  affinityOf(identity: Pick<Identity, 'userId'>, candidates: readonly Candidate[]): Promise<Affinity>
}

/** A play that counts from now on (1), or no longer (-1). */
export interface Play {
  userId: string
  playableId: string
  by: number
}

/** What is left of the distance to certainty with each play of an artist. */
const DOUBT_LEFT = 0.8
/** An artist nobody knows, of the only genre somebody plays, counts as much as this. */
const GENRE_WORTH = 0.3

const NOTHING: Affinity = new Map()

export function createTastes(db: PrismaClient): Tastes {
  return {
    async affinityOf({ userId }, candidates) {
      if (userId === null || candidates.length === 0) return NOTHING
      const idsOf = (kind: SearchKind): string[] =>
        candidates.filter((candidate) => candidate.kind === kind).map(({ id }) => id)
      // In this order whatever is known of the tables: from the few candidates, and never from all artists that somebody plays.
      const rows = await db.$queryRaw<{ id: string; plays: number; genres: number; isOwn: boolean }[]>`
        WITH candidate AS MATERIALIZED (
          SELECT track_id AS id, artist_id FROM track_artist WHERE track_id = ANY(${idsOf('TRACK')}::text[])
           UNION ALL
          SELECT album_id, artist_id FROM album_artist WHERE album_id = ANY(${idsOf('ALBUM')}::text[])
           UNION ALL
          SELECT id, id FROM unnest(${idsOf('ARTIST')}::text[]) AS id
        ), played AS MATERIALIZED (
          SELECT artist_id, plays FROM listener_artist
           WHERE user_id = ${userId} AND plays > 0 AND artist_id = ANY(ARRAY(SELECT artist_id FROM candidate))
        ), genre AS MATERIALIZED (
          SELECT track_id AS id, genre_id FROM track_genre WHERE track_id = ANY(${idsOf('TRACK')}::text[])
        ), heard AS MATERIALIZED (
          SELECT genre_id, plays::float8 / sum(plays) OVER () AS share FROM listener_genre
           WHERE user_id = ${userId} AND plays > 0
        ), drawn AS (
          SELECT id, plays, 0::float8 AS genres, false AS own FROM candidate JOIN played USING (artist_id)
           UNION ALL
          SELECT id, 0, share, false FROM genre JOIN heard USING (genre_id)
           UNION ALL
          SELECT playlist_id, 0, 0, true
            FROM playlist_name WHERE owner_id = ${userId} AND playlist_id = ANY(${idsOf('PLAYLIST')}::text[])
        )
        SELECT id, max(plays)::int AS plays, sum(genres) AS genres, bool_or(own) AS "isOwn" FROM drawn GROUP BY id`
      return new Map(
        rows.map(({ id, plays, genres, isOwn }) => [
          id,
          isOwn ? 1 : Math.max(1 - DOUBT_LEFT ** plays, GENRE_WORTH * genres),
        ]),
      )
    },
  }
}

/** Remembers whose artists and genres these plays were, in the transaction of the events. */
export async function recordPlays(tx: SqlExecutor, plays: readonly Play[]): Promise<void> {
  // A track may have come to other artists since its play was counted, and leaves them with less than none: only more is looked at.
  await tx.$executeRaw`
    WITH play AS (
      SELECT "userId", "playableId", sum(by) AS plays
        FROM jsonb_to_recordset(${JSON.stringify(plays)}::text::jsonb) AS play ("userId" text, "playableId" text, by int)
       GROUP BY 1, 2 HAVING sum(by) <> 0
    ), by_artist AS (
      INSERT INTO listener_artist AS known (user_id, artist_id, plays)
      SELECT "userId", artist_id, sum(plays) FROM play JOIN track_artist ON track_id = "playableId" GROUP BY 1, 2 ORDER BY 1, 2
          ON CONFLICT (user_id, artist_id) DO UPDATE SET plays = known.plays + excluded.plays
    )
    INSERT INTO listener_genre AS known (user_id, genre_id, plays)
    SELECT "userId", genre_id, sum(plays) FROM play JOIN track_genre ON track_id = "playableId" GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (user_id, genre_id) DO UPDATE SET plays = known.plays + excluded.plays`
}
