import type { SqlExecutor } from '#shared/database.ts'
import type { EventKind, PlayerEvent } from './listening.ts'

/** A playback of the reporting user, locked for the rest of the transaction. */
export interface OpenPlayback {
  id: string
  deviceId: string
  playableId: string
  country: string
  tier: string
  durationMs: number
  presentation: string
  startedAt: Date
  heardMs: number
  countedAt: Date | null
}

export interface PlaybackEvent extends PlayerEvent {
  playbackId: string
}

/** How far a playback has come. */
export interface Progress {
  id: string
  lastKind: EventKind
  positionMs: number
  heardMs: number
  isCounted: boolean
  countedAt: Date | null
}

/**
 * Locks those of the playbacks that are the user's, in the order of their ids: two reports about the same ones wait for each
 * other and never in a circle, and the events of a playback reach the log in the order they were taken.
 */
export async function lockPlaybacks(
  tx: SqlExecutor,
  userId: string,
  ids: readonly string[],
): Promise<Map<string, OpenPlayback>> {
  const rows = await tx.$queryRaw<OpenPlayback[]>`
    SELECT id, device_id AS "deviceId", playable_id AS "playableId", country, tier, duration_ms AS "durationMs", presentation,
           started_at AS "startedAt", heard_ms AS "heardMs", counted_at AS "countedAt"
      FROM playback_session WHERE id = ANY(${ids}::text[]) AND user_id = ${userId}
     ORDER BY id FOR UPDATE`
  return new Map(rows.map((row) => [row.id, row]))
}

/** What is known of each playback, by playback. */
export async function readEvents(
  tx: SqlExecutor,
  ids: readonly string[],
): Promise<Map<string, PlayerEvent[]>> {
  const events = new Map<string, PlayerEvent[]>(ids.map((id) => [id, []]))
  const rows = await tx.$queryRaw<PlaybackEvent[]>`
    SELECT playback_id AS "playbackId", event_id AS "eventId", kind, position_ms AS "positionMs",
           (extract(epoch FROM at) * 1000)::float8 AS at
      FROM playback_event WHERE playback_id = ANY(${ids}::text[])`
  for (const row of rows) events.get(row.playbackId)?.push(row)
  return events
}

export async function writeEvents(
  tx: SqlExecutor,
  events: readonly PlaybackEvent[],
  receivedAt: number,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO playback_event (playback_id, event_id, kind, position_ms, at, received_at)
    SELECT "playbackId", "eventId", kind, "positionMs", to_timestamp(at / 1000.0), to_timestamp(${receivedAt}::float8 / 1000)
      FROM jsonb_to_recordset(${JSON.stringify(events)}::text::jsonb)
           AS event ("playbackId" text, "eventId" text, kind text, "positionMs" int, at float8)`
}

export async function writeProgress(
  tx: SqlExecutor,
  progress: readonly Progress[],
  receivedAt: number,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE playback_session SET last_kind = news."lastKind", position_ms = news."positionMs", heard_ms = news."heardMs",
           counted_at = news."countedAt", reported_at = to_timestamp(${receivedAt}::float8 / 1000)
      FROM jsonb_to_recordset(${JSON.stringify(progress)}::text::jsonb)
           AS news (id text, "lastKind" text, "positionMs" int, "heardMs" int, "countedAt" timestamptz)
     WHERE playback_session.id = news.id`
}

/** Adds to the plays of each of these, or takes from them; in the order of ids, so that two reports never wait in a circle. */
export async function addPlays(tx: SqlExecutor, changes: ReadonlyMap<string, number>): Promise<void> {
  if (changes.size === 0) return
  await tx.$executeRaw`
    INSERT INTO play_count (playable_id, plays)
    SELECT id, plays FROM unnest(${[...changes.keys()]}::text[], ${[...changes.values()]}::int[]) AS change (id, plays) ORDER BY id
    ON CONFLICT (playable_id) DO UPDATE SET plays = play_count.plays + excluded.plays`
}
