import type { Pool } from 'pg'

/** A list as the tables have it. */
export interface Table {
  name: string
  revision: number
  itemCount: number
  /** The items one sees, in order. */
  items: string[]
  log: LoggedEdit[]
}

export interface LoggedEdit {
  revision: number
  nonce: string | null
  ops: { kind: string; items?: { id: string }[]; itemIds?: string[] }[]
}

export async function readTable(db: Pool, playlistId: string): Promise<Table> {
  const { rows } = await db.query<Table>(
    `SELECT name, revision, item_count AS "itemCount",
            ARRAY(SELECT id FROM playlists.playlist_item WHERE playlist_id = $1 AND removed_at_revision IS NULL
                   ORDER BY rank) AS items,
            (SELECT jsonb_agg(jsonb_build_object('revision', revision, 'nonce', nonce, 'ops', ops) ORDER BY revision)
               FROM playlists.playlist_op WHERE playlist_id = $1) AS log
       FROM playlists.playlist WHERE id = $1`,
    [playlistId],
  )
  if (rows[0] === undefined) throw new Error(`There is no ${playlistId}`)
  return rows[0]
}
