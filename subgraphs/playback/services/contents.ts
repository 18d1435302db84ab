import type { SqlExecutor } from '#shared/database.ts'

/** Who looks: it decides which lists they see and what is licensed for them. */
export interface Viewer {
  userId: string
  country: string | null
}

export interface Content {
  /** What was named. */
  sourceId: string
  playableId: string
}

/**
 * What can be played of what was named, in that order: tracks and episodes themselves, albums and playlists with what is in them. What was
 * taken down, is not licensed here, or stands in a list that they may not see is left out, as if it were not there.
 */
export async function readContents(
  db: SqlExecutor,
  { userId, country }: Viewer,
  ids: readonly string[],
): Promise<Content[]> {
  return db.$queryRaw<Content[]>`
    WITH source AS (SELECT id, place FROM unnest(${ids}::text[]) WITH ORDINALITY AS named(id, place))
    SELECT content.source_id AS "sourceId", playable.id AS "playableId" FROM (
      SELECT id AS source_id, id AS playable_id, place, 0::bigint AS within FROM source
      UNION ALL
      SELECT source.id, track_id, place, row_number() OVER (PARTITION BY place ORDER BY disc, number, track_id)
        FROM source JOIN album_track ON album_id = source.id
      UNION ALL
      SELECT source.id, item.track_id, place, item.within
        FROM source JOIN playlist_copy list ON list.id = source.id AND NOT list.is_deleted
         AND (list.visibility = 'PUBLIC' OR list.owner_id = ${userId} OR ${userId} = ANY (list.member_ids)),
             unnest(list.track_ids) WITH ORDINALITY AS item(track_id, within)
    ) AS content
    JOIN playable ON playable.id = content.playable_id AND NOT is_removed
     AND (markets IS NULL OR ${country}::text = ANY (markets))
   ORDER BY place, within`
}

/** Which of these playlists they may see, empty ones too. */
export async function readVisible(
  db: SqlExecutor,
  { userId }: Viewer,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM playlist_copy WHERE id = ANY (${ids}::text[]) AND NOT is_deleted
       AND (visibility = 'PUBLIC' OR owner_id = ${userId} OR ${userId} = ANY (member_ids))`
  return rows.map(({ id }) => id)
}
