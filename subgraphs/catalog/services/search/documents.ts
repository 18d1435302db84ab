import { Prisma } from '../../generated/prisma/client.ts'

/** What is found by other words, or ranked otherwise, than before. */
export interface IndexChanges {
  trackIds: readonly string[]
  albumIds: readonly string[]
  artistIds: readonly string[]
  showIds: readonly string[]
  episodeIds: readonly string[]
}

const ON_CONFLICT = Prisma.sql`
  ON CONFLICT (id) DO UPDATE
     SET title = excluded.title, artist = excluded.artist, album = excluded.album, popularity = excluded.popularity
   WHERE (search_document.title, search_document.artist, search_document.album, search_document.popularity)
         IS DISTINCT FROM (excluded.title, excluded.artist, excluded.album, excluded.popularity)`

/** Brings the search rows up to date, in the transaction that made the changes. Rows that say the same are left alone; what was taken down or withdrawn has none. */
export async function indexChanges(tx: Prisma.TransactionClient, changes: IndexChanges): Promise<void> {
  const { trackIds, albumIds, artistIds, showIds, episodeIds } = changes
  if (artistIds.length > 0)
    await tx.$executeRaw`
      INSERT INTO search_document (id, kind, title, popularity)
      SELECT id, 'ARTIST', name, popularity FROM artist
       WHERE id = ANY(${artistIds}::text[]) AND NOT EXISTS (SELECT FROM withdrawn WHERE node_id = artist.id)
       ORDER BY id
      ${ON_CONFLICT}`
  if (albumIds.length > 0)
    await tx.$executeRaw`
      INSERT INTO search_document (id, kind, title, artist, popularity)
      SELECT album.id, 'ALBUM', album.title, coalesce(credit.names, ''), album.popularity
        FROM album
        LEFT JOIN LATERAL (SELECT string_agg(name, ' ' ORDER BY position) AS names
                             FROM album_artist JOIN artist ON artist.id = artist_id WHERE album_id = album.id) AS credit ON true
       WHERE album.id = ANY(${albumIds}::text[]) AND NOT album.is_removed
       ORDER BY album.id
      ${ON_CONFLICT}`
  if (trackIds.length > 0)
    await tx.$executeRaw`
      INSERT INTO search_document (id, kind, title, artist, album, popularity)
      SELECT track.id, 'TRACK', track.title, coalesce(credit.names, ''), coalesce(album.title, ''), track.popularity
        FROM track
        LEFT JOIN album ON album.id = album_id
        LEFT JOIN LATERAL (SELECT string_agg(name, ' ' ORDER BY position) AS names
                             FROM track_artist JOIN artist ON artist.id = artist_id WHERE track_id = track.id) AS credit ON true
       WHERE track.id = ANY(${trackIds}::text[]) AND NOT track.is_removed
       ORDER BY track.id
      ${ON_CONFLICT}`
  if (showIds.length > 0)
    await tx.$executeRaw`
      INSERT INTO search_document (id, kind, title, artist)
      SELECT id, 'SHOW', title, coalesce(publisher, '') FROM show
       WHERE id = ANY(${showIds}::text[]) AND NOT is_removed ORDER BY id
      ${ON_CONFLICT}`
  if (episodeIds.length > 0)
    await tx.$executeRaw`
      INSERT INTO search_document (id, kind, title, artist, album)
      SELECT episode.id, 'EPISODE', episode.title, show.title, coalesce(show.publisher, '')
        FROM episode JOIN show ON show.id = show_id
       WHERE episode.id = ANY(${episodeIds}::text[]) AND NOT episode.is_removed ORDER BY episode.id
      ${ON_CONFLICT}`
}

/** What is also found by the name of an artist, an album or a show that has another one now. */
export async function findDependents(
  tx: Prisma.TransactionClient,
  renamed: { artistIds: readonly string[]; albumIds: readonly string[]; showIds: readonly string[] },
): Promise<{ albumIds: string[]; trackIds: string[]; episodeIds: string[] }> {
  const { artistIds, albumIds, showIds } = renamed
  if (artistIds.length + albumIds.length + showIds.length === 0)
    return { albumIds: [], trackIds: [], episodeIds: [] }
  const rows = await tx.$queryRaw<{ kind: string; id: string }[]>`
    SELECT 'ALBUM' AS kind, album_id AS id FROM album_artist WHERE artist_id = ANY(${artistIds}::text[])
     UNION SELECT 'TRACK', track_id FROM track_artist WHERE artist_id = ANY(${artistIds}::text[])
     UNION SELECT 'TRACK', id FROM track WHERE album_id = ANY(${albumIds}::text[])
     UNION SELECT 'EPISODE', id FROM episode WHERE show_id = ANY(${showIds}::text[])`
  const idsOf = (kind: string): string[] => rows.filter((row) => row.kind === kind).map((row) => row.id)
  return { albumIds: idsOf('ALBUM'), trackIds: idsOf('TRACK'), episodeIds: idsOf('EPISODE') }
}
