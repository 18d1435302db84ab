import type { PrismaClient } from '../generated/prisma/client.ts'
import type { ArtistRow } from '../models.ts'

export function findArtists(db: PrismaClient, ids: readonly string[]): Promise<ArtistRow[]> {
  return db.$queryRaw`SELECT id, name FROM artist WHERE id = ANY(${ids}::text[])`
}

/** The artists of tracks, in the order they are credited. */
export function findArtistsOfTracks(
  db: PrismaClient,
  trackIds: readonly string[],
): Promise<(ArtistRow & { trackId: string })[]> {
  return db.$queryRaw`
    SELECT track_id AS "trackId", artist.id, name FROM track_artist JOIN artist ON artist.id = artist_id
     WHERE track_id = ANY(${trackIds}::text[]) ORDER BY track_id, position, artist.id`
}

/** The artists of albums, in the order they are credited. */
export function findArtistsOfAlbums(
  db: PrismaClient,
  albumIds: readonly string[],
): Promise<(ArtistRow & { albumId: string })[]> {
  return db.$queryRaw`
    SELECT album_id AS "albumId", artist.id, name FROM album_artist JOIN artist ON artist.id = artist_id
     WHERE album_id = ANY(${albumIds}::text[]) ORDER BY album_id, position, artist.id`
}
