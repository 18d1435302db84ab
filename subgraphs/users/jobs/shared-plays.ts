import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { EventLog } from '#shared/event-log.ts'
import { isIdOf } from '#shared/id.ts'
import { PLAY_COUNTED, PLAY_UNCOUNTED, playCounted } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Keeps what people play who let their followers see it, from when they do, and nothing of anybody else. */
export function createSharedPlays(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'users.plays',
    source: 'playback',
    topics: [PLAY_COUNTED, PLAY_UNCOUNTED],
    log,
    db,
    logger,
    async apply(tx, events) {
      // Of one playback the last word counts.
      const plays = new Map(
        events.map(({ topic, payload }) => {
          const play = playCounted.parse(payload)
          return [play.playbackId, { ...play, isCounted: topic === PLAY_COUNTED }]
        }),
      )
      const tracks = [...plays.values()].filter(({ playableId }) => isIdOf('track', playableId))
      const json = JSON.stringify(tracks)
      // The account is held: whoever turns sharing off at this moment finds what was written before, and nothing is written after.
      await tx.$executeRaw`
        WITH play AS (
          SELECT * FROM jsonb_to_recordset(${json}::text::jsonb)
              AS play ("playbackId" text, "playableId" text, "userId" text, "startedAt" timestamptz, at timestamptz, "isCounted" boolean)
        ), actor AS (
          SELECT id, shares_plays_since FROM account WHERE shares_plays AND id IN (SELECT "userId" FROM play) ORDER BY id FOR KEY SHARE
        ), uncounted AS (
          DELETE FROM activity USING play
           WHERE NOT "isCounted" AND actor_id = "userId" AND origin = "playbackId"
        )
        INSERT INTO activity (actor_id, at, verb, subject_id, origin)
        SELECT actor.id, coalesce("startedAt", at), 'PLAYED', "playableId", "playbackId"
          FROM play JOIN actor ON actor.id = "userId" WHERE "isCounted" AND coalesce("startedAt", at) >= shares_plays_since
            ON CONFLICT (actor_id, origin) DO NOTHING`
    },
  })
}
