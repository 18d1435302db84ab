import type pg from 'pg'
import { sourceOf } from './acts.ts'
import { inTransaction } from './transaction.ts'

/** Artists are as popular as their best track, and PostgreSQL learns how much there is. Where that is so already, little is done. */
export async function settle(client: pg.Client, seed: number): Promise<void> {
  const ranked = await inTransaction(client, async () => {
    const { rowCount } = await client.query(
      `WITH best AS (
         SELECT artist_id, max(popularity) AS popularity FROM track_artist GROUP BY artist_id
       ), ranked AS (
         UPDATE artist SET popularity = best.popularity FROM best
          WHERE artist.id = best.artist_id AND artist.popularity < best.popularity AND source = $1
         RETURNING artist.id, artist.popularity
       )
       UPDATE search_document SET popularity = ranked.popularity FROM ranked WHERE search_document.id = ranked.id`,
      [sourceOf(seed)],
    )
    return rowCount ?? 0
  })
  if (ranked > 0)
    await client.query(`
      VACUUM (ANALYZE) artist, artist_genre, album, album_artist, track, track_artist, track_genre, search_document,
                       search_word`)
}
