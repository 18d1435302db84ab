import { randomUUID } from 'node:crypto'
import { PLAY_COUNTED, PLAY_UNCOUNTED } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** A play as it came to be, and how often it was decided about: the first time that it counts, then the other way each time. */
export interface DecidedPlay {
  playbackId: string
  startedAt: Date
  userId: string | null
  playableId: string
  artistIds: readonly string[]
  albumId: string | null
  country: string
  deviceKind: string
  decisions: number
}

/** One decision, as the room's log tells of it. */
export interface Decision {
  eventId: string
  topic: string
  play: Omit<DecidedPlay, 'decisions'>
}

/** Writes the rows of `play` as they are after the last decision. */
export async function writeDecided(db: PrismaClient, plays: readonly DecidedPlay[]): Promise<void> {
  const rows = plays.map((play) => ({ ...play, heardMs: play.decisions % 2 === 1 ? 40_000 : 20_000 }))
  for (const month of new Set(plays.map(({ startedAt }) => startedAt.toISOString().slice(0, 7))))
    await db.$queryRaw`SELECT make_play_partition(${`${month}-01T00:00:00Z`}::timestamptz)::text`
  await db.$executeRaw`
    INSERT INTO play (playback_id, started_at, user_id, playable_id, artist_ids, album_id, country, device_kind, tier, duration_ms,
                      heard_ms, is_counted)
    SELECT "playbackId", "startedAt", "userId", "playableId", "artistIds", "albumId", country, "deviceKind", 'PREMIUM', 200000,
           "heardMs", "heardMs" >= 30000
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
           AS play ("playbackId" text, "startedAt" timestamptz, "userId" text, "playableId" text, "artistIds" text[],
                    "albumId" text, country text, "deviceKind" text, "heardMs" int)`
}

export function decisionsOf({ decisions, ...play }: DecidedPlay): Decision[] {
  return Array.from({ length: decisions }, (_, index) => ({
    eventId: randomUUID(),
    topic: index % 2 === 0 ? PLAY_COUNTED : PLAY_UNCOUNTED,
    play,
  }))
}

/** Tells of decisions in one transaction, as the room would: an event that is told again has its id again. */
export async function tell(db: PrismaClient, decisions: readonly Decision[]): Promise<void> {
  const rows = decisions.map(({ eventId, topic, play }) => ({
    ...{ eventId, topic },
    payload: { ...play, at: play.startedAt, deviceId: 'device', tier: 'PREMIUM' },
  }))
  await db.$executeRaw`
    INSERT INTO outbox (id, topic, key, payload)
    SELECT "eventId", topic, payload->>'playableId', payload
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) AS event ("eventId" text, topic text, payload jsonb)`
  await db.$queryRaw`SELECT pg_notify('outbox', 'playback')::text`
}

/** Resolves once the tallies have all that was told. */
export async function untilTallied(db: PrismaClient): Promise<void> {
  for (;;) {
    const rows = await db.$queryRaw<object[]>`
      SELECT FROM outbox WHERE topic IN (${PLAY_COUNTED}, ${PLAY_UNCOUNTED})
         AND NOT EXISTS (SELECT FROM inbox WHERE consumer = 'playback.tallies' AND event_id = outbox.id) LIMIT 1`
    if (rows.length === 0) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
