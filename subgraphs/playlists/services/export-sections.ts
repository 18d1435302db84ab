import type { ExportSections } from '#shared/privacy/export-file.ts'

/** Everything this room knows of a person. */
export const SECTIONS: ExportSections = {
  playlists: `
    SELECT id, name, description, visibility, collaborative, revision, follower_count, created_at, deleted_at,
           (SELECT json_agg(json_build_object('trackId', track_id, 'addedAt', added_at) ORDER BY rank)
              FROM playlist_item item WHERE item.playlist_id = playlist.id AND removed_at_revision IS NULL) AS items
      FROM playlist WHERE owner_id = $1 ORDER BY created_at`,
  covers: `
    SELECT cover.playlist_id, media_type, width, height, encode(bytes, 'base64') AS base64
      FROM playlist JOIN cover ON cover.playlist_id = playlist.id WHERE owner_id = $1`,
  edits: `
    SELECT op.playlist_id, op.revision, op.kind, op.at, op.ops
      FROM playlist_op op
     WHERE actor_id = $1 AND playlist_id IN (SELECT id FROM playlist WHERE owner_id = $1
                                              UNION SELECT playlist_id FROM contributor WHERE user_id = $1)
     ORDER BY op.playlist_id, op.revision`,
  additions: `
    SELECT item.playlist_id, item.track_id, item.added_at
      FROM contributor JOIN playlist_item item USING (playlist_id)
     WHERE user_id = $1 AND added_by = $1 AND removed_at_revision IS NULL`,
  memberships: `SELECT playlist_id, role, joined_at FROM collaborator WHERE user_id = $1 ORDER BY joined_at`,
  followed: `SELECT playlist_id, followed_at FROM follower WHERE user_id = $1 ORDER BY followed_at`,
  saved: `SELECT id, kind, saved_at FROM saved WHERE user_id = $1 ORDER BY saved_at`,
  folders: `
    SELECT id, name, parent_id, created_at,
           ARRAY(SELECT playlist_id FROM filed_playlist WHERE folder_id = folder.id) AS playlist_ids
      FROM folder WHERE owner_id = $1 ORDER BY created_at`,
  invitations: `SELECT playlist_id, role, created_at, expires_at, revoked_at FROM invite WHERE created_by = $1`,
}
