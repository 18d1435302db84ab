import type { SqlExecutor } from '#shared/database.ts'
import type { EventKind, PlayerEvent } from './listening.ts'
import type { PlayCredit } from './play-log.ts'
import { isPlaybackId } from './playback-sessions.ts'

/** A playback of a reporting user, locked for the rest of the transaction. */
export interface OpenPlayback {
  id: string
  userId: string
  deviceId: string
  playableId: string
  country: string
  tier: string
  durationMs: number
  presentation: string
  startedAt: Date
  expiresAt: Date
  /** When anything was last heard of it. */
  reportedAt: Date | null
  heardMs: number
  countedAt: Date | null
}

/** What was said of a playback before, and what a play of it is counted for. */
export interface KnownPlayback extends PlayCredit {
  events: PlayerEvent[]
}

/** How far a playback has come. */
export interface Progress {
  id: string
  lastKind: EventKind
  positionMs: number
  heardMs: number
  isCounted: boolean
  countedAt: Date | null
  reportedAt: Date
}

/**
 * Locks those of the playbacks that are of who reports them, in the order of their ids: two transactions about the same ones wait for
 * each other and never in a circle, and the events of a playback reach the log in the order they were taken.
 */
export async function lockPlaybacks(
  tx: SqlExecutor,
  reports: readonly { userId: string; events: readonly { playbackId: string }[] }[],
): Promise<Map<string, OpenPlayback>> {
  const named = new Map<string, [id: string, userId: string]>()
  for (const { userId, events } of reports)
    for (const { playbackId } of events)
      if (isPlaybackId(playbackId)) named.set(`${playbackId} ${userId}`, [playbackId, userId])
  const pairs = [...named.values()]
  if (pairs.length === 0) return new Map()
  const rows = await tx.$queryRaw<OpenPlayback[]>`
    SELECT id, playback.user_id AS "userId", device_id AS "deviceId", playable_id AS "playableId", country, tier,
           duration_ms AS "durationMs", presentation, started_at AS "startedAt", expires_at AS "expiresAt",
           reported_at AS "reportedAt", heard_ms AS "heardMs", counted_at AS "countedAt"
      FROM playback_session playback
      JOIN unnest(${pairs.map(([id]) => id)}::text[], ${pairs.map(([, userId]) => userId)}::text[]) AS named (playback_id, user_id)
        ON id = playback_id AND playback.user_id = named.user_id
     ORDER BY id FOR UPDATE OF playback`
  return new Map(rows.map((row) => [row.id, row]))
}

/**
 * What is known of each, by playback. What a play is counted for is what its row says, and what our copies say where there is none.
 * Not the statement that locks: having waited, that would see what was there before it waited.
 */
export async function readKnown(
  tx: SqlExecutor,
  playbacks: readonly OpenPlayback[],
): Promise<Map<string, KnownPlayback>> {
  if (playbacks.length === 0) return new Map()
  const rows = await tx.$queryRaw<(PlayCredit & { id: string; reports: PlayerEvent[][] | null })[]>`
    SELECT playback.id, coalesce(play.album_id, track_artist.album_id) AS "albumId",
           coalesce(play.artist_ids, track_artist.artist_ids, '{}') AS "artistIds",
           coalesce(play.device_kind, device_kind.kind, 'OTHER') AS "deviceKind",
           (SELECT json_agg(events) FROM playback_report WHERE playback_id = playback.id) AS reports
      FROM unnest(${playbacks.map(({ id }) => id)}::text[], ${playbacks.map(({ startedAt }) => startedAt)}::timestamptz[],
                  ${playbacks.map(({ userId }) => userId)}::text[], ${playbacks.map(({ deviceId }) => deviceId)}::text[],
                  ${playbacks.map(({ playableId }) => playableId)}::text[])
           AS playback (id, started_at, user_id, device_id, playable_id)
      LEFT JOIN play ON play.started_at = playback.started_at AND play.playback_id = playback.id
      LEFT JOIN track_artist ON track_artist.track_id = playback.playable_id
      LEFT JOIN device_kind ON device_kind.user_id = playback.user_id AND device_kind.device_id = playback.device_id`
  return new Map(rows.map(({ id, reports, ...credit }) => [id, { ...credit, events: reports?.flat() ?? [] }]))
}

/** Keeps what is new of each playback, in one row. */
export async function writeReports(
  tx: SqlExecutor,
  reports: readonly {
    playback: OpenPlayback
    known: KnownPlayback
    fresh: readonly PlayerEvent[]
    receivedAt: number
  }[],
): Promise<void> {
  const rows = reports.filter(({ fresh }) => fresh.length > 0)
  if (rows.length === 0) return
  await tx.$executeRaw`
    INSERT INTO playback_report (playback_id, place, received_at, events)
    SELECT * FROM unnest(
      ${rows.map(({ playback }) => playback.id)}::text[], ${rows.map(({ known }) => known.events.length)}::int[],
      ${rows.map(({ receivedAt }) => new Date(receivedAt))}::timestamptz[], ${rows.map(({ fresh }) => JSON.stringify(fresh))}::json[])`
}

export async function writeProgress(tx: SqlExecutor, progress: readonly Progress[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE playback_session SET last_kind = news."lastKind", position_ms = news."positionMs", heard_ms = news."heardMs",
           counted_at = news."countedAt", reported_at = news."reportedAt"
      FROM json_to_recordset(${JSON.stringify(progress)}::json)
           AS news (id text, "lastKind" text, "positionMs" int, "heardMs" int, "countedAt" timestamptz, "reportedAt" timestamptz)
     WHERE playback_session.id = news.id`
}
