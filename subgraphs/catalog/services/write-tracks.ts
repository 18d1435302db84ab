import type { Prisma } from '../generated/prisma/client.ts'
import { type TrackDraft, toRecords, type WrittenRow } from './drafts.ts'

type Tx = Prisma.TransactionClient

export interface WrittenTrack extends WrittenRow {
  formerAlbumId: string | null
}

/** Whose lists and popularity may be others now, those that lost a track among them. */
export interface WrittenTracks {
  rows: WrittenTrack[]
  albumIds: string[]
  artistIds: string[]
  genreIds: string[]
  /** The albums, artists and genres that some of these were of until now. */
  formerIds: string[]
}

export async function writeTracks(
  tx: Tx,
  source: string,
  drafts: readonly TrackDraft[],
): Promise<WrittenTracks> {
  if (drafts.length === 0) return { rows: [], albumIds: [], artistIds: [], genreIds: [], formerIds: [] }
  const rows = await upsertTracks(tx, source, drafts)
  const ids = new Set(rows.map((row) => row.id))
  const written = drafts.filter((draft) => ids.has(draft.id))
  const changedIds = rows.filter((row) => !row.isNew).map((row) => row.id)
  const former = await clearLinks(tx, changedIds)
  if (written.length > 0) await linkTracks(tx, written)
  const formerAlbumIds = rows.flatMap(({ formerAlbumId }) => formerAlbumId ?? [])
  return {
    rows,
    albumIds: [...new Set([...written.flatMap(({ albumId }) => albumId ?? []), ...formerAlbumIds])],
    artistIds: [...new Set([...written.flatMap((draft) => draft.artistIds), ...former.artistIds])],
    genreIds: [...new Set([...written.flatMap((draft) => draft.genreIds), ...former.genreIds])],
    formerIds: [...new Set([...formerAlbumIds, ...former.artistIds, ...former.genreIds])],
  }
}

async function upsertTracks(tx: Tx, source: string, drafts: readonly TrackDraft[]): Promise<WrittenTrack[]> {
  return tx.$queryRaw`
    INSERT INTO track (id, title, duration_ms, album_id, disc_number, track_number, explicit, isrc, popularity, markets,
                       tempo, key, mode, energy, danceability, valence, acousticness, instrumentalness, loudness, speechiness,
                       features_are_estimates, is_composable, source, source_key, source_hash)
    SELECT draft.id, draft.title, "durationMs", "albumId", "discNumber",
           coalesce("trackNumber", known.track_number,
                    coalesce(taken.highest, 0)
                      + count(*) FILTER (WHERE known.id IS NULL) OVER (PARTITION BY "albumId" ORDER BY line)),
           draft.explicit, draft.isrc, draft.popularity, draft.markets,
           draft.tempo, draft.key, draft.mode, draft.energy, draft.danceability, draft.valence, draft.acousticness,
           draft.instrumentalness, draft.loudness, draft.speechiness,
           coalesce("areEstimates", false), "isComposable", ${source}, "sourceKey", hash
      FROM ROWS FROM (jsonb_to_recordset(${toRecords(drafts)}::text::jsonb)
             AS (id text, "sourceKey" text, title text, "durationMs" int, "albumId" text, "discNumber" int,
                 "trackNumber" int, explicit boolean, isrc text, popularity int, markets text[],
                 tempo float8, key int, mode int, energy float8, danceability float8, valence float8,
                 acousticness float8, instrumentalness float8, loudness float8, speechiness float8,
                 "areEstimates" boolean, "isComposable" boolean, hash text)) WITH ORDINALITY
             AS draft (id, "sourceKey", title, "durationMs", "albumId", "discNumber", "trackNumber", explicit, isrc,
                       popularity, markets, tempo, key, mode, energy, danceability, valence, acousticness,
                       instrumentalness, loudness, speechiness, "areEstimates", "isComposable", hash, line)
      LEFT JOIN track AS known ON known.id = draft.id
      LEFT JOIN LATERAL (SELECT max(track_number) AS highest FROM track WHERE album_id = draft."albumId") AS taken ON true
     ORDER BY draft.id
        ON CONFLICT (id) DO UPDATE
       SET title = excluded.title, duration_ms = excluded.duration_ms, album_id = excluded.album_id,
           disc_number = excluded.disc_number, track_number = excluded.track_number, explicit = excluded.explicit,
           isrc = excluded.isrc, popularity = excluded.popularity, markets = excluded.markets, tempo = excluded.tempo,
           key = excluded.key, mode = excluded.mode, energy = excluded.energy, danceability = excluded.danceability,
           valence = excluded.valence, acousticness = excluded.acousticness,
           instrumentalness = excluded.instrumentalness, loudness = excluded.loudness,
           speechiness = excluded.speechiness, features_are_estimates = excluded.features_are_estimates,
           is_composable = excluded.is_composable,
           source_hash = excluded.source_hash, version = track.version + 1
     WHERE track.source_hash <> excluded.source_hash
    RETURNING id, old.id IS NULL AS "isNew", old.album_id AS "formerAlbumId"`
}

/** Forgets whose tracks these are and of what genre. Returns whose and of what they were. */
async function clearLinks(
  tx: Tx,
  trackIds: readonly string[],
): Promise<{ artistIds: string[]; genreIds: string[] }> {
  if (trackIds.length === 0) return { artistIds: [], genreIds: [] }
  const genres = await tx.$queryRaw<{ id: string }[]>`
    DELETE FROM track_genre WHERE track_id = ANY(${trackIds}::text[]) RETURNING genre_id AS id`
  const artists = await tx.$queryRaw<{ id: string }[]>`
    DELETE FROM track_artist WHERE track_id = ANY(${trackIds}::text[]) RETURNING artist_id AS id`
  return { artistIds: artists.map(({ id }) => id), genreIds: genres.map(({ id }) => id) }
}

/** Each link has the popularity of its track: artists and genres list their tracks by it. */
async function linkTracks(tx: Tx, drafts: readonly TrackDraft[]): Promise<void> {
  const toLinks = (links: (draft: TrackDraft) => string[]): string =>
    JSON.stringify(
      drafts.flatMap((draft) => {
        const { id, popularity } = draft
        return links(draft).map((other, position) => ({ id, other, position, popularity }))
      }),
    )
  await tx.$executeRaw`
    INSERT INTO track_artist (track_id, artist_id, position, popularity)
    SELECT id, other, position, popularity FROM jsonb_to_recordset(${toLinks((draft) => draft.artistIds)}::text::jsonb)
        AS link (id text, other text, position int, popularity int)`
  await tx.$executeRaw`
    INSERT INTO track_genre (track_id, genre_id, position, popularity)
    SELECT id, other, position, popularity FROM jsonb_to_recordset(${toLinks((draft) => draft.genreIds)}::text::jsonb)
        AS link (id text, other text, position int, popularity int)`
}

/** Tracks that say something else because an artist or a genre has another name, or their words are others: their version grows with it. */
export async function touchTracks(
  tx: Tx,
  changed: { artistIds: readonly string[]; genreIds: readonly string[]; trackIds: readonly string[] },
  alreadyWritten: readonly string[],
): Promise<string[]> {
  const { artistIds, genreIds, trackIds } = changed
  if (artistIds.length + genreIds.length + trackIds.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE track SET version = version + 1
     WHERE id IN (SELECT track_id FROM track_artist WHERE artist_id = ANY(${artistIds}::text[])
                  UNION SELECT track_id FROM track_genre WHERE genre_id = ANY(${genreIds}::text[])
                  UNION SELECT unnest(${trackIds}::text[]))
       AND id <> ALL(${alreadyWritten}::text[])
    RETURNING id`
  return rows.map((row) => row.id)
}
