import type { Prisma } from '../generated/prisma/client.ts'
import { type ArtistDraft, type GenreDraft, toRecords, type WrittenRow } from './drafts.ts'

type Tx = Prisma.TransactionClient

export async function writeGenres(
  tx: Tx,
  source: string,
  drafts: readonly GenreDraft[],
): Promise<WrittenRow[]> {
  if (drafts.length === 0) return []
  return tx.$queryRaw`
    INSERT INTO genre (id, name, source, source_key, source_hash)
    SELECT id, name, ${source}, "sourceKey", hash
      FROM jsonb_to_recordset(${toRecords(drafts)}::text::jsonb) AS draft (id text, "sourceKey" text, name text, hash text)
     ORDER BY id
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, source_hash = excluded.source_hash, version = genre.version + 1
     WHERE genre.source_hash <> excluded.source_hash
    RETURNING id, old.id IS NULL AS "isNew"`
}

export async function writeArtists(
  tx: Tx,
  source: string,
  drafts: readonly ArtistDraft[],
): Promise<WrittenRow[]> {
  if (drafts.length === 0) return []
  const written = await tx.$queryRaw<WrittenRow[]>`
    INSERT INTO artist (id, name, source, source_key, source_hash)
    SELECT id, name, ${source}, "sourceKey", hash
      FROM jsonb_to_recordset(${toRecords(drafts)}::text::jsonb) AS draft (id text, "sourceKey" text, name text, hash text)
     ORDER BY id
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, source_hash = excluded.source_hash, version = artist.version + 1
     WHERE artist.source_hash <> excluded.source_hash
    RETURNING id, old.id IS NULL AS "isNew"`
  await writeArtistGenres(tx, drafts, written)
  return written
}

async function writeArtistGenres(
  tx: Tx,
  drafts: readonly ArtistDraft[],
  written: readonly WrittenRow[],
): Promise<void> {
  const ids = new Set(written.map((row) => row.id))
  const pairs = drafts
    .filter((artist) => ids.has(artist.id))
    .flatMap(({ id, genreIds }) => genreIds.map((genreId, position) => ({ id, genreId, position })))
  const changedIds = written.filter((row) => !row.isNew).map((row) => row.id)
  if (changedIds.length > 0)
    await tx.$executeRaw`DELETE FROM artist_genre WHERE artist_id = ANY(${changedIds}::text[])`
  if (pairs.length > 0)
    await tx.$executeRaw`
      INSERT INTO artist_genre (artist_id, genre_id, position)
      SELECT id, "genreId", position
        FROM jsonb_to_recordset(${JSON.stringify(pairs)}::text::jsonb) AS pair (id text, "genreId" text, position int)`
}

/** An artist is as popular as its most popular track. Returns the artists for whom that changed anything. */
export async function rankArtists(tx: Tx, artistIds: readonly string[]): Promise<string[]> {
  if (artistIds.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE artist SET popularity = best.popularity
      FROM (SELECT artist_id, max(popularity) AS popularity FROM track_artist
             WHERE artist_id = ANY(${artistIds}::text[]) GROUP BY artist_id) AS best
     WHERE artist.id = best.artist_id AND artist.popularity <> best.popularity
    RETURNING artist.id`
  return rows.map((row) => row.id)
}
