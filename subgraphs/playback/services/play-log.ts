import type { SqlExecutor } from '#shared/database.ts'
import { COUNTED_AFTER_MS } from '../config.ts'
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

/** Writes how much of each playback was heard; says by playback what each is counted for. Its partition must be there. */
export async function writePlays(
  tx: SqlExecutor,
  progress: readonly Progress[],
): Promise<Map<string, PlayCredit>> {
  const rows = await tx.$queryRaw<(PlayCredit & { id: string })[]>`
    INSERT INTO play (playback_id, started_at, user_id, playable_id, album_id, artist_ids, device_id, device_kind, country, tier,
                      context_id, duration_ms, heard_ms, presentation, is_counted)
    SELECT playback.id, playback.started_at, playback.user_id, playback.playable_id, track_artist.album_id,
           coalesce(track_artist.artist_ids, '{}'), playback.device_id, coalesce(device_kind.kind, 'OTHER'), playback.country,
           playback.tier, playback.context_id, playback.duration_ms, news."heardMs", playback.presentation, news."isCounted"
      FROM jsonb_to_recordset(${JSON.stringify(progress)}::text::jsonb) AS news (id text, "heardMs" int, "isCounted" boolean)
      JOIN playback_session playback ON playback.id = news.id
      LEFT JOIN track_artist ON track_artist.track_id = playback.playable_id
      LEFT JOIN device_kind ON device_kind.user_id = playback.user_id AND device_kind.device_id = playback.device_id
    ON CONFLICT (started_at, playback_id) DO UPDATE SET (heard_ms, is_counted) = (excluded.heard_ms, excluded.is_counted)
    RETURNING playback_id AS id, album_id AS "albumId", artist_ids AS "artistIds", device_kind AS "deviceKind"`
  return new Map(rows.map(({ id, ...credit }) => [id, credit]))
}
