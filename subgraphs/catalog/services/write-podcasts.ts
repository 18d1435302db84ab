import type { Prisma } from '../generated/prisma/client.ts'
import { type EpisodeDraft, type ShowDraft, toRecords, type WrittenRow } from './drafts.ts'

type Tx = Prisma.TransactionClient

export async function writeShows(
  tx: Tx,
  source: string,
  drafts: readonly ShowDraft[],
): Promise<WrittenRow[]> {
  if (drafts.length === 0) return []
  const rows = await tx.$queryRaw<WrittenRow[]>`
    INSERT INTO show (id, title, description, publisher, kind, language, website, explicit, source, source_key, source_hash)
    SELECT id, title, description, publisher, coalesce(kind, 'EPISODIC'), language, website, coalesce(explicit, false),
           ${source}, "sourceKey", hash
      FROM jsonb_to_recordset(${toRecords(drafts)}::text::jsonb)
        AS draft (id text, "sourceKey" text, title text, description text, publisher text, kind text, language text, website text,
                  explicit boolean, hash text)
     ORDER BY id
        ON CONFLICT (id) DO UPDATE
       SET title = excluded.title, description = excluded.description, publisher = excluded.publisher, kind = excluded.kind,
           language = excluded.language, website = excluded.website, explicit = excluded.explicit,
           source_hash = excluded.source_hash, version = show.version + 1
     WHERE show.source_hash <> excluded.source_hash
    RETURNING id, old.id IS NULL AS "isNew"`
  const changedIds = rows.filter(({ isNew }) => !isNew).map(({ id }) => id)
  // A show that has become SERIAL lists the episodes it has the other way round.
  if (changedIds.length > 0)
    await tx.$executeRaw`
      UPDATE episode SET place = episode_place(show.kind, published_at, season, number)
        FROM show WHERE show.id = show_id AND show_id = ANY(${changedIds}::text[])`
  return rows
}

/** `formerShowId`: null for an episode that was not there. */
export interface WrittenEpisode extends WrittenRow {
  showId: string
  formerShowId: string | null
}

export async function writeEpisodes(
  tx: Tx,
  source: string,
  drafts: readonly EpisodeDraft[],
): Promise<WrittenEpisode[]> {
  if (drafts.length === 0) return []
  return tx.$queryRaw`
    INSERT INTO episode (id, show_id, title, description, duration_ms, published_at, kind, explicit, season, number, chapters,
                         enclosure, place, markets, tempo, key, mode, energy, danceability, valence, acousticness,
                         instrumentalness, loudness, speechiness, is_composable, source, source_key, source_hash)
    SELECT draft.id, "showId", draft.title, draft.description, "durationMs", "publishedAt",
           coalesce(draft.kind, 'FULL'), coalesce(draft.explicit, false), season, number, coalesce(chapters, '[]'), enclosure,
           episode_place(show.kind, "publishedAt", season, number), markets, tempo, key, mode,
           energy, danceability, valence, acousticness, instrumentalness, loudness, speechiness, "isComposable",
           ${source}, "sourceKey", hash
      FROM jsonb_to_recordset(${toRecords(drafts)}::text::jsonb)
        AS draft (id text, "sourceKey" text, "showId" text, title text, description text, "durationMs" int,
                  "publishedAt" timestamptz, kind text, explicit boolean, season int, number int, chapters jsonb,
                  enclosure jsonb, markets text[], tempo float8, key int, mode int, energy float8,
                  danceability float8, valence float8, acousticness float8, instrumentalness float8, loudness float8,
                  speechiness float8, "isComposable" boolean, hash text)
      JOIN show ON show.id = "showId"
     ORDER BY draft.id
        ON CONFLICT (id) DO UPDATE
       SET show_id = excluded.show_id, title = excluded.title, description = excluded.description,
           duration_ms = excluded.duration_ms, published_at = excluded.published_at, kind = excluded.kind,
           explicit = excluded.explicit, season = excluded.season, number = excluded.number,
           chapters = excluded.chapters, enclosure = excluded.enclosure, place = excluded.place, markets = excluded.markets,
           tempo = excluded.tempo, key = excluded.key, mode = excluded.mode, energy = excluded.energy,
           danceability = excluded.danceability, valence = excluded.valence, acousticness = excluded.acousticness,
           instrumentalness = excluded.instrumentalness, loudness = excluded.loudness,
           speechiness = excluded.speechiness, is_composable = excluded.is_composable,
           source_hash = excluded.source_hash, version = episode.version + 1
     WHERE episode.source_hash <> excluded.source_hash
    RETURNING id, old.id IS NULL AS "isNew", show_id AS "showId", old.show_id AS "formerShowId"`
}
