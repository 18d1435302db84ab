import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { EventLog, LogEvent } from '#shared/event-log.ts'
import { isIdOf } from '#shared/id.ts'
import { PLAY_COUNTED, PLAY_UNCOUNTED, playDecided } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { HALF_LIFE_S, UNIT, WORLD } from '../services/heat.ts'

/** Keeps this room's copy of the plays that count, of music: charts and taste are read from it. */
export function createPlayCopy(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'recommendations.plays',
    source: 'playback',
    topics: [PLAY_COUNTED, PLAY_UNCOUNTED],
    log,
    db,
    logger,
    apply: copyPlays,
  })
}

/**
 * Of what was decided about a playback the last holds, in whatever order it is told; charts get what that changes. Rows are locked in the order
 * of their keys, so that two who share the work never wait in a circle.
 */
async function copyPlays(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void> {
  const plays = events
    .map(({ topic, payload }) => ({ ...playDecided.parse(payload), isCounted: topic === PLAY_COUNTED }))
    .filter(({ playableId }) => isIdOf('track', playableId))
  const told = JSON.stringify(plays.map((play, told) => ({ ...play, told })))
  await tx.$executeRaw`
    WITH told AS (
      SELECT DISTINCT ON ("playbackId") "playbackId" AS playback_id, "playableId" AS track_id, "userId" AS user_id, country,
             coalesce("startedAt", at) AS at, "isCounted" AS is_counted, at AS decided_at
        FROM jsonb_to_recordset(${told}::text::jsonb)
             AS play ("playbackId" text, "playableId" text, "userId" text, country text, at timestamptz(3), "startedAt" timestamptz(3),
                      "isCounted" boolean, told int)
       ORDER BY playback_id, decided_at DESC, told DESC
    ), before AS (
      SELECT playback_id, is_counted FROM play WHERE playback_id IN (SELECT playback_id FROM told)
    ), decided AS (
      INSERT INTO play (playback_id, track_id, user_id, country, at, is_counted, decided_at)
      SELECT playback_id, track_id, user_id, country, at, is_counted, decided_at FROM told ORDER BY playback_id
      ON CONFLICT (playback_id) DO UPDATE SET is_counted = excluded.is_counted, decided_at = excluded.decided_at
       WHERE excluded.decided_at >= play.decided_at
      RETURNING playback_id, track_id, country, at, is_counted
    ), changed AS (
      SELECT decided.*, decided.is_counted::int - coalesce(before.is_counted, false)::int AS plays,
             round(power(2, extract(epoch FROM (at AT TIME ZONE 'UTC')::time)::float8 / ${HALF_LIFE_S}::float8) * ${UNIT}::float8)::bigint
               AS weight
        FROM decided LEFT JOIN before USING (playback_id)
    )
    INSERT INTO heat_day (country, track_id, day, plays, weight)
    SELECT place, track_id, (at AT TIME ZONE 'UTC')::date, sum(plays), sum(plays * weight)
      FROM changed CROSS JOIN LATERAL unnest(ARRAY[${WORLD}, country]) AS place
     WHERE place IS NOT NULL AND plays <> 0
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (country, track_id, day) DO UPDATE
       SET plays = heat_day.plays + excluded.plays, weight = heat_day.weight + excluded.weight, xid = excluded.xid`
}
