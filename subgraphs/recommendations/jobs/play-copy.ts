import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { EventLog, LogEvent } from '#shared/event-log.ts'
import { isIdOf } from '#shared/id.ts'
import { PLAY_COUNTED, playCounted } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Keeps this room's copy of the plays that count, of music: charts and taste are read from it. */
export function createPlayCopy(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'recommendations.plays',
    source: 'playback',
    topics: [PLAY_COUNTED],
    log,
    db,
    logger,
    apply: copyPlays,
  })
}

/** A playback counts once, however often it is told. */
async function copyPlays(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void> {
  const plays = events
    .map(({ payload }) => playCounted.parse(payload))
    .filter(({ playableId }) => isIdOf('track', playableId))
  await tx.$executeRaw`
    INSERT INTO play (playback_id, track_id, user_id, country, at)
    SELECT * FROM unnest(
      ${plays.map((play) => play.playbackId)}::text[], ${plays.map((play) => play.playableId)}::text[],
      ${plays.map((play) => play.userId)}::text[], ${plays.map((play) => play.country ?? null)}::text[],
      ${plays.map((play) => play.at)}::timestamptz[])
    ON CONFLICT (playback_id) DO NOTHING`
}
