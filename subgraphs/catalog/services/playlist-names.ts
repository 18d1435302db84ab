import type { z } from 'zod'
import type { SqlExecutor } from '#shared/database.ts'
import type { playlistChanged } from '../events.ts'
import { announceStale } from './stale-rows.ts'

type PlaylistChanged = z.infer<typeof playlistChanged>

/**
 * Playlists as their room last said they are: a public one can be found by its name, a private or deleted one cannot, from
 * the moment its event is here. The words of a name that is gone are doubted from then on. Of several events of one playlist the
 * newest counts, and none older than what is known.
 */
export async function writePlaylistNames(
  tx: SqlExecutor,
  playlists: readonly PlaylistChanged[],
): Promise<void> {
  // What was put aside and is tried again comes behind what is newer.
  const inOrder = playlists.toSorted((one, other) => one.revision - other.revision)
  const last = new Map(inOrder.map((playlist) => [playlist.playlistId, playlist]))
  const rows = [...last.values()].map(({ playlistId, name, visibility, ownerId, revision, isDeleted }) => ({
    playlistId,
    name,
    ownerId,
    revision,
    isListed: visibility === 'PUBLIC' && !isDeleted,
  }))
  const changed = await tx.$queryRaw<{ id: string }[]>`
    WITH said AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
          AS playlist ("playlistId" text, name text, "ownerId" text, revision bigint, "isListed" boolean)
    ), kept AS (
      INSERT INTO playlist_name (playlist_id, owner_id, revision, is_listed)
      SELECT "playlistId", "ownerId", revision, "isListed" FROM said ORDER BY 1
          ON CONFLICT (playlist_id) DO UPDATE
         SET owner_id = excluded.owner_id, revision = excluded.revision, is_listed = excluded.is_listed
       WHERE excluded.revision >= playlist_name.revision
      RETURNING playlist_id, is_listed
    ), doubted AS (
      INSERT INTO doubted_word (word)
      SELECT DISTINCT substr(lexeme, 4) AS word
        FROM kept JOIN said ON "playlistId" = playlist_id JOIN search_document ON id = playlist_id, unnest(tsvector_to_array(words)) AS lexeme
       WHERE NOT is_listed OR title <> name ORDER BY word
          ON CONFLICT DO NOTHING
    ), unlisted AS (
      DELETE FROM search_document USING kept WHERE id = playlist_id AND NOT is_listed
      RETURNING id
    ), listed AS (
      INSERT INTO search_document (id, kind, title)
      SELECT playlist_id, 'PLAYLIST', name FROM kept JOIN said ON "playlistId" = playlist_id WHERE is_listed
          ON CONFLICT (id) DO UPDATE SET title = excluded.title WHERE search_document.title <> excluded.title
      RETURNING id
    )
    SELECT id FROM unlisted UNION ALL SELECT id FROM listed`
  await announceStale(
    tx,
    changed.map(({ id }) => id),
  )
}
