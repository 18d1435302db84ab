import type { Prisma } from '../generated/prisma/client.ts'
import { type AlbumCredit, type AlbumDraft, toRecords, type WrittenRow } from './drafts.ts'

type Tx = Prisma.TransactionClient

/** Whose artists an album has no more are `formerArtistIds`. */
export async function writeAlbums(
  tx: Tx,
  source: string,
  drafts: readonly AlbumDraft[],
): Promise<{ rows: WrittenRow[]; formerArtistIds: string[] }> {
  if (drafts.length === 0) return { rows: [], formerArtistIds: [] }
  const written = await tx.$queryRaw<WrittenRow[]>`
    INSERT INTO album (id, title, kind, release_date, artwork, source, source_key, source_hash)
    SELECT id, title, kind, "releaseDate", coalesce(artwork, '[]'), ${source}, "sourceKey", hash
      FROM jsonb_to_recordset(${toRecords(drafts)}::text::jsonb)
        AS draft (id text, "sourceKey" text, title text, kind text, "releaseDate" date, artwork jsonb, hash text)
     ORDER BY id
        ON CONFLICT (id) DO UPDATE
       SET title = excluded.title, kind = excluded.kind, release_date = excluded.release_date, artwork = excluded.artwork,
           source_hash = excluded.source_hash, version = album.version + 1
     WHERE album.source_hash <> excluded.source_hash
    RETURNING id, old.id IS NULL AS "isNew"`
  const changedIds = written.filter(({ isNew }) => !isNew).map(({ id }) => id)
  // Artists list their albums by the date that the link has.
  if (changedIds.length > 0)
    await tx.$executeRaw`
      UPDATE album_artist SET released = coalesce(release_date, '-infinity')
        FROM album WHERE album.id = album_id AND album_id = ANY(${changedIds}::text[])`
  const ids = new Set(written.map(({ id }) => id))
  const formerArtistIds = await setArtists(
    tx,
    drafts.flatMap(({ id, artistIds }) => (artistIds !== undefined && ids.has(id) ? { id, artistIds } : [])),
  )
  return { rows: written, formerArtistIds }
}

/** Gives albums these artists and no others. Returns those that an album has lost. */
async function setArtists(tx: Tx, albums: readonly { id: string; artistIds: string[] }[]): Promise<string[]> {
  if (albums.length === 0) return []
  const records = JSON.stringify(albums)
  const former = await tx.$queryRaw<{ id: string }[]>`
    DELETE FROM album_artist USING jsonb_to_recordset(${records}::text::jsonb) AS draft (id text, "artistIds" text[])
     WHERE album_id = draft.id AND artist_id <> ALL("artistIds")
    RETURNING artist_id AS id`
  await tx.$executeRaw`
    INSERT INTO album_artist (album_id, artist_id, position, released)
    SELECT draft.id, credit.id, credit.place - 1, coalesce(release_date, '-infinity')
      FROM jsonb_to_recordset(${records}::text::jsonb) AS draft (id text, "artistIds" text[])
      JOIN album USING (id)
     CROSS JOIN unnest("artistIds") WITH ORDINALITY AS credit (id, place)
        ON CONFLICT (album_id, artist_id) DO UPDATE SET position = excluded.position`
  return former.map(({ id }) => id)
}

/** Adds the artists an album does not have yet, after those it has. Returns the albums that got one. */
export async function creditAlbums(tx: Tx, credits: readonly AlbumCredit[]): Promise<string[]> {
  if (credits.length === 0) return []
  const records = JSON.stringify(credits.map((credit, place) => ({ ...credit, place })))
  const rows = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO album_artist (album_id, artist_id, position, released)
    SELECT "albumId", "artistId",
           (SELECT count(*) FROM album_artist WHERE album_id = "albumId")
             + row_number() OVER (PARTITION BY "albumId" ORDER BY place) - 1,
           (SELECT coalesce(release_date, '-infinity') FROM album WHERE id = "albumId")
      FROM jsonb_to_recordset(${records}::text::jsonb) AS credit ("albumId" text, "artistId" text, place int)
     WHERE NOT EXISTS (SELECT FROM album_artist WHERE album_id = "albumId" AND artist_id = "artistId")
        ON CONFLICT DO NOTHING
    RETURNING album_id AS id`
  return [...new Set(rows.map((row) => row.id))]
}

/** An album is as popular as its most popular track. Returns the albums for which that changed anything. */
export async function rankAlbums(tx: Tx, albumIds: readonly string[]): Promise<string[]> {
  if (albumIds.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE album SET popularity = best.popularity
      FROM (SELECT album_id, max(popularity) AS popularity FROM track
             WHERE album_id = ANY(${albumIds}::text[]) GROUP BY album_id) AS best
     WHERE album.id = best.album_id AND album.popularity <> best.popularity
    RETURNING album.id`
  return rows.map((row) => row.id)
}
