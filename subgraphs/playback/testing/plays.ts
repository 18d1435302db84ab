import type { PrismaClient } from '../generated/prisma/client.ts'

/** A row of `play` as a test gives it; the rest is like most plays. */
export interface NewPlay {
  playbackId: string
  startedAt: Date
  userId: string | null
  trackId: string
  artistIds?: readonly string[]
  deviceId?: string | null
  tier?: 'PREMIUM' | 'FREE'
  heardMs?: number
  presentation?: 'FULL' | 'PREVIEW'
}

const COUNTED_FROM_MS = 30_000

/** Writes plays as reports would have left them; of one that is there what was heard is changed. */
export async function writePlays(db: PrismaClient, plays: readonly NewPlay[]): Promise<void> {
  const rows = plays.map(
    ({
      artistIds = [],
      deviceId = null,
      tier = 'PREMIUM',
      heardMs = 60_000,
      presentation = 'FULL',
      ...play
    }) => ({
      ...play,
      ...{ artistIds, deviceId, tier, heardMs, presentation },
      isCounted: presentation === 'FULL' && heardMs >= COUNTED_FROM_MS,
    }),
  )
  for (const month of new Set(plays.map(({ startedAt }) => startedAt.toISOString().slice(0, 7))))
    await db.$queryRaw`SELECT make_play_partition(${`${month}-01T00:00:00Z`}::timestamptz)::text`
  await db.$executeRaw`
    INSERT INTO play (playback_id, started_at, user_id, playable_id, artist_ids, device_id, country, tier, duration_ms, heard_ms,
                      presentation, is_counted)
    SELECT "playbackId", "startedAt", "userId", "trackId", "artistIds", "deviceId", 'SE', tier, 200000, "heardMs", presentation, "isCounted"
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
           AS news ("playbackId" text, "startedAt" timestamptz, "userId" text, "trackId" text, "artistIds" text[], "deviceId" text,
                    tier text, "heardMs" int, presentation text, "isCounted" boolean)
    ON CONFLICT (started_at, playback_id) DO UPDATE SET (heard_ms, is_counted) = (excluded.heard_ms, excluded.is_counted)`
}
