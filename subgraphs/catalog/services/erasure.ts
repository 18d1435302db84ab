import type { SqlExecutor } from '#shared/database.ts'
import { ERASED_USER } from '#shared/privacy/erased.ts'
import type { ExportSections } from '#shared/privacy/export-file.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import { keyOf } from '../uploads/uploads.ts'
import { forgetWords, lockDocuments } from './search/doubted-words.ts'
import { announceStale } from './stale-rows.ts'

/** Everything this room knows of a person. */
export const SECTIONS: ExportSections = {
  uploads: `
    SELECT id, artist_id, title, album_title, file_name, size_bytes, markets, state, failure_code, created_at
      FROM upload WHERE user_id = $1 ORDER BY created_at`,
  artists_played: `SELECT artist_id, plays FROM listener_artist WHERE user_id = $1 ORDER BY plays DESC, artist_id`,
  genres_played: `SELECT genre_id, plays FROM listener_genre WHERE user_id = $1 ORDER BY plays DESC, genre_id`,
  takedowns: `
    SELECT node_id, reason, taken_at, restored_at FROM takedown WHERE taken_by = $1 OR restored_by = $1 ORDER BY taken_at`,
}

/**
 * Drops a person. What became music stays the artist's, sent by nobody; what came to nothing goes. Their lists are found no more, whatever
 * the playlists have yet to say of them.
 */
export async function erase(tx: SqlExecutor, userId: string): Promise<void> {
  await lockDocuments(tx)
  await tx.$executeRaw`DELETE FROM upload WHERE user_id = ${userId} AND state IN ('WAITING', 'FAILED')`
  await tx.$executeRaw`UPDATE upload SET user_id = ${ERASED_USER}, file_name = '' WHERE user_id = ${userId}`
  await tx.$executeRaw`UPDATE takedown SET taken_by = ${ERASED_USER} WHERE taken_by = ${userId}`
  await tx.$executeRaw`UPDATE takedown SET restored_by = ${ERASED_USER} WHERE restored_by = ${userId}`
  await tx.$executeRaw`DELETE FROM listener_artist WHERE user_id = ${userId}`
  await tx.$executeRaw`DELETE FROM listener_genre WHERE user_id = ${userId}`
  await eraseListNames(tx, userId)
}

async function eraseListNames(tx: SqlExecutor, userId: string): Promise<void> {
  const lists = await tx.$queryRaw<{ id: string }[]>`
    WITH own AS (
      UPDATE playlist_name SET owner_id = NULL, is_listed = false WHERE owner_id = ${userId} RETURNING playlist_id
    ), gone AS (
      DELETE FROM search_document USING own WHERE id = playlist_id RETURNING id, words
    ), doubted AS (
      INSERT INTO doubted_word (word)
      SELECT DISTINCT substr(lexeme, 4) AS word FROM gone, unnest(tsvector_to_array(words)) AS lexeme ORDER BY word
          ON CONFLICT DO NOTHING
    )
    SELECT id FROM gone`
  await forgetWords(tx)
  if (lists.length > 0)
    await announceStale(
      tx,
      lists.map(({ id }) => id),
    )
}

/** Deletes what a person sent that came to nothing. */
export async function eraseFiles(
  db: SqlExecutor,
  storage: Pick<ObjectStorage, 'delete'>,
  userId: string,
): Promise<void> {
  const uploads = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM upload WHERE user_id = ${userId} AND state IN ('WAITING', 'FAILED')`
  await storage.delete(uploads.map(({ id }) => keyOf(id)))
}
