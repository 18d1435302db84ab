import type { SqlExecutor } from '#shared/database.ts'
import { COUNTED_AFTER_MS, PLAY_COUNT_STRIPES } from '../config.ts'
import type { Progress } from './playback-log.ts'

/** What a play is counted for beside what was played, as it was known when the play was first heard of. */
export interface PlayCredit {
  albumId: string | null
  artistIds: string[]
  deviceKind: string
}

/** A preview is never a play, however often it is heard over. */
export function isCounted(presentation: string, heardMs: number): boolean {
  return presentation === 'FULL' && heardMs >= COUNTED_AFTER_MS
}

/** Writes how much of each playback was heard. The partitions of all must be there. */
export async function writePlays(
  tx: SqlExecutor,
  plays: readonly { progress: Progress; known: PlayCredit }[],
): Promise<void> {
  const rows = plays.map(
    ({ progress: { id, heardMs, isCounted }, known: { albumId, artistIds, deviceKind } }) => ({
      ...{ id, heardMs, isCounted, albumId, artistIds, deviceKind },
    }),
  )
  await tx.$executeRaw`
    INSERT INTO play (playback_id, started_at, user_id, playable_id, album_id, artist_ids, device_id, device_kind, country, tier,
                      context_id, duration_ms, heard_ms, presentation, is_counted)
    SELECT id, started_at, user_id, playable_id, "albumId", "artistIds", device_id, "deviceKind", country, tier, context_id,
           duration_ms, "heardMs", presentation, "isCounted"
      FROM json_to_recordset(${JSON.stringify(rows)}::json)
           AS news (id text, "heardMs" int, "isCounted" boolean, "albumId" text, "artistIds" text[], "deviceKind" text)
      JOIN playback_session playback USING (id)
    ON CONFLICT (started_at, playback_id) DO UPDATE SET (heard_ms, is_counted) = (excluded.heard_ms, excluded.is_counted)`
}

/**
 * Adds to the plays of each of these, or takes from them. Each connection has a stripe of its own, so that a hit that many count at once
 * makes none of them wait; in the order of ids, so that two that share a stripe never wait in a circle.
 */
export async function addPlays(tx: SqlExecutor, changes: ReadonlyMap<string, number>): Promise<void> {
  if (changes.size === 0) return
  await tx.$executeRaw`
    INSERT INTO play_count (playable_id, stripe, plays)
    SELECT id, pg_backend_pid() % ${PLAY_COUNT_STRIPES}::int, plays
      FROM unnest(${[...changes.keys()]}::text[], ${[...changes.values()]}::int[]) AS change (id, plays) ORDER BY id
    ON CONFLICT (playable_id, stripe) DO UPDATE SET plays = play_count.plays + excluded.plays`
}
