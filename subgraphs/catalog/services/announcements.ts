import { publish } from '#shared/outbox.ts'
import {
  artistChanged,
  type EpisodeChanged,
  episodeChanged,
  type TrackChanged,
  trackChanged,
} from '../events.ts'
import type { Prisma } from '../generated/prisma/client.ts'

type Tx = Prisma.TransactionClient

/** Tells the other rooms what these are now, in the transaction that made them so. */
export async function announce(
  tx: Tx,
  changed: { artistIds: readonly string[]; trackIds: readonly string[]; episodeIds: readonly string[] },
): Promise<void> {
  const artists = await describeArtists(tx, changed.artistIds)
  const tracks = await describeTracks(tx, changed.trackIds)
  const episodes = await describeEpisodes(tx, changed.episodeIds)
  await publish(tx, [
    ...artists.map(artistChanged),
    ...tracks.map(trackChanged),
    ...episodes.map(episodeChanged),
  ])
}

/** PostgreSQL's bigint, as JSON can say it. */
type Versioned<Row> = Omit<Row, 'version'> & { version: bigint }

function withNumber<Row extends { version: bigint }>(row: Row): Omit<Row, 'version'> & { version: number } {
  return { ...row, version: Number(row.version) }
}

async function describeArtists(
  tx: Tx,
  ids: readonly string[],
): Promise<{ artistId: string; name: string; version: number }[]> {
  if (ids.length === 0) return []
  const rows = await tx.$queryRaw<{ artistId: string; name: string; version: bigint }[]>`
    SELECT id AS "artistId", name, version FROM artist WHERE id = ANY(${ids}::text[])`
  return rows.map(withNumber)
}

async function describeTracks(tx: Tx, ids: readonly string[]): Promise<TrackChanged[]> {
  if (ids.length === 0) return []
  const rows = await tx.$queryRaw<Versioned<TrackChanged>[]>`
    SELECT track.id AS "trackId", track.title, duration_ms AS "durationMs", album_id AS "albumId", disc_number AS "discNumber",
           track_number AS "trackNumber", markets, track.popularity,
           explicit, is_composable AS "isComposable", track.is_removed AS "isRemoved", track.version, album.release_date::text AS "releaseDate", coalesce(credit.artists, '[]') AS artists,
           coalesce(label.genres, '[]') AS genres,
           CASE WHEN tempo IS NOT NULL THEN
             jsonb_build_object('tempo', tempo, 'key', key, 'mode', mode, 'energy', energy, 'danceability', danceability,
               'valence', valence, 'acousticness', acousticness, 'instrumentalness', instrumentalness,
               'loudness', loudness, 'speechiness', speechiness) END AS features
      FROM track
      LEFT JOIN album ON album.id = album_id
      LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('id', artist.id, 'name', name) ORDER BY position) AS artists
                           FROM track_artist JOIN artist ON artist.id = artist_id WHERE track_id = track.id) AS credit ON true
      LEFT JOIN LATERAL (SELECT jsonb_agg(name ORDER BY position) AS genres
                           FROM track_genre JOIN genre ON genre.id = genre_id WHERE track_id = track.id) AS label ON true
     WHERE track.id = ANY(${ids}::text[])`
  return rows.map(withNumber)
}

async function describeEpisodes(tx: Tx, ids: readonly string[]): Promise<EpisodeChanged[]> {
  if (ids.length === 0) return []
  const rows = await tx.$queryRaw<Versioned<EpisodeChanged>[]>`
    SELECT id AS "episodeId", title, duration_ms AS "durationMs", markets, is_composable AS "isComposable", is_removed AS "isRemoved",
           version
      FROM episode WHERE id = ANY(${ids}::text[])`
  return rows.map(withNumber)
}
