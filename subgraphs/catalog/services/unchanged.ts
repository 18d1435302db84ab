import type { Prisma } from '../generated/prisma/client.ts'
import { type CatalogueDraft, hashOf } from './drafts.ts'

/** The draft without what the catalogue knows already, word for word: one read for all of it. */
export async function withoutUnchanged(
  tx: Prisma.TransactionClient,
  draft: CatalogueDraft,
): Promise<CatalogueDraft> {
  const { genres, artists, albums, tracks, shows, episodes } = draft
  const ids = [genres, artists, albums, tracks, shows, episodes].flatMap((list) => list.map(({ id }) => id))
  const rows = await tx.$queryRaw<{ id: string; hash: string }[]>`
    WITH asked AS (SELECT unnest(${ids}::text[]) AS id)
    SELECT id, source_hash AS hash FROM track JOIN asked USING (id)
     UNION ALL SELECT id, source_hash FROM album JOIN asked USING (id)
     UNION ALL SELECT id, source_hash FROM artist JOIN asked USING (id)
     UNION ALL SELECT id, source_hash FROM genre JOIN asked USING (id)
     UNION ALL SELECT id, source_hash FROM show JOIN asked USING (id)
     UNION ALL SELECT id, source_hash FROM episode JOIN asked USING (id)`
  const known = new Map(rows.map(({ id, hash }) => [id, hash]))
  const isNews = (row: { id: string; sourceKey: string }): boolean => known.get(row.id) !== hashOf(row)
  return {
    ...draft,
    genres: genres.filter(isNews),
    artists: artists.filter(isNews),
    albums: albums.filter(isNews),
    tracks: tracks.filter(isNews),
    shows: shows.filter(isNews),
    episodes: episodes.filter(isNews),
  }
}
