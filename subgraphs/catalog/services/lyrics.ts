import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { SongText } from '../lyrics/lyrics.ts'
import type { LyricsDraft } from './drafts.ts'

/** What is sung in tracks, of those in which it is known. */
export function findLyrics(
  db: PrismaClient,
  trackIds: readonly string[],
): Promise<(SongText & { trackId: string })[]> {
  return db.$queryRaw`
    SELECT track_id AS "trackId", language, is_timed AS "isTimed", lines FROM lyrics WHERE track_id = ANY(${trackIds}::text[])`
}

/** Keeps what is sung. Returns the tracks of which that is something else than before; tracks that are not there are passed over. */
export async function writeLyrics(
  tx: Prisma.TransactionClient,
  drafts: readonly LyricsDraft[],
): Promise<string[]> {
  if (drafts.length === 0) return []
  const rows = drafts.flatMap(({ trackId, origin, lyrics }) =>
    lyrics === null ? [] : { trackId, origin, ...lyrics },
  )
  const unsaid = drafts.flatMap(({ trackId, origin, lyrics }) => (lyrics === null ? { trackId, origin } : []))
  const forgotten = await tx.$queryRaw<{ id: string }[]>`
    DELETE FROM lyrics USING jsonb_to_recordset(${JSON.stringify(unsaid)}::text::jsonb) AS unsaid ("trackId" text, origin text)
     WHERE track_id = "trackId" AND lyrics.origin = unsaid.origin
    RETURNING track_id AS id`
  const written = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO lyrics (track_id, language, is_timed, lines, origin)
    SELECT DISTINCT ON ("trackId") "trackId", language, "isTimed", lines, draft.origin
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
           AS draft ("trackId" text, language text, "isTimed" boolean, lines jsonb, origin text)
      JOIN track ON track.id = "trackId"
     ORDER BY "trackId", draft.origin DESC
        ON CONFLICT (track_id) DO UPDATE
       SET language = excluded.language, is_timed = excluded.is_timed, lines = excluded.lines, origin = excluded.origin
     WHERE (excluded.origin = 'FILE' OR lyrics.origin = 'EMBEDDED')
       AND (lyrics.language, lyrics.is_timed, lyrics.lines) IS DISTINCT FROM (excluded.language, excluded.is_timed, excluded.lines)
    RETURNING track_id AS id`
  return [...forgotten, ...written].map(({ id }) => id)
}
