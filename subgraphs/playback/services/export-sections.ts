import type { ExportSections } from '#shared/privacy/export-file.ts'

/** Everything this room knows of a person. Keys of what devices hold come with licences, and are not here. */
export const SECTIONS: ExportSections = {
  account: `SELECT tier, country FROM account WHERE user_id = $1`,
  plays: `
    SELECT playback_id, started_at, playable_id, album_id, artist_ids, device_id, device_kind, country, tier, context_id,
           duration_ms, heard_ms, presentation, is_counted
      FROM play WHERE user_id = $1 ORDER BY started_at, playback_id`,
  playbacks: `
    SELECT id, device_id, playable_id, context_id, country, quality, max_quality, started_at, expires_at, reported_at,
           position_ms, heard_ms, presentation, tier
      FROM playback_session WHERE user_id = $1 ORDER BY started_at, id`,
  events: `
    SELECT playback_id, received_at, events
      FROM playback_session playback JOIN playback_report report ON report.playback_id = playback.id
     WHERE user_id = $1 ORDER BY received_at, playback_id, place`,
  resume_points: `
    SELECT episode_id, position_ms, completed, at FROM resume_point WHERE user_id = $1 ORDER BY at, episode_id`,
  player: `
    SELECT playing, position_ms, at, rate, repeat, context_id, playable_id,
           (SELECT playable_ids FROM player_queue WHERE player_id = player.id) AS queue
      FROM player WHERE id = $1`,
  stream: `
    SELECT device_id, playback_ids, taken_from, started_at FROM stream_lease WHERE user_id = $1`,
  streams_lost: `SELECT device_id, revoked_by, at FROM stream_revocation WHERE user_id = $1`,
  offline_devices: `
    SELECT device_id, used, licensed_at,
           ARRAY(SELECT source_id FROM offline_source source
                  WHERE source.user_id = device.user_id AND source.device_id = device.device_id) AS sources
      FROM offline_device device WHERE user_id = $1`,
  offline_tracks: `
    SELECT device_id, track_id, quality, is_removed, state, bytes FROM offline_track WHERE user_id = $1
     ORDER BY device_id, revision`,
  listening_session: `SELECT session_id, joined_at FROM listening_member WHERE user_id = $1`,
}
