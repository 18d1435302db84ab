import { empty, type Sql, sqltag as sql } from '@prisma/client/runtime/client'
import { COUNTED_AFTER_MS } from '../config.ts'
import type { RoyaltyTerms } from './terms.ts'

/** Why a play is not billed, in the order in which the rules are asked: the first that holds is the reason. */
export const REJECTIONS = [
  'PREVIEW',
  'UNDER_30_SECONDS',
  'BOT_SHARED_DEVICE',
  'BOT_HOURS',
  'BOT_LOOP',
  'REPEAT',
] as const
export type Rejection = (typeof REJECTIONS)[number]

export interface Judged {
  terms: RoyaltyTerms
  from: Date
  to: Date
  /** Which plays the answer is about, if not all: a condition on `play` that does not cut through what one listener heard of a recording. */
  scope?: Sql
}

const DAY = sql`(play.started_at AT TIME ZONE 'UTC')::date`

/**
 * A query for the verdict on every play of recordings from `from` to `to`: playback_id, started_at, playable_id, user_id, heard_ms, tier,
 * artist_ids and reason, which is NULL for what is billed.
 *
 * It is a function of the set of plays alone. Plays of the day before are judged along, since a repeat window may reach over midnight; from
 * further back none can: a day in which the plays of a track follow each other without a whole window between them is a loop (the
 * terms see to that), and what is a loop opens no window.
 */
export function verdictsOn({ terms, from, to, scope }: Judged): Sql {
  const billable = sql`play.presentation = 'FULL' AND play.heard_ms >= ${COUNTED_AFTER_MS}`
  const inTime = sql`play.started_at >= ${from}::timestamptz - INTERVAL '1 day' AND play.started_at < ${to}
    AND starts_with(play.playable_id, 'track_')`
  const isAsked = sql`(kept.playback_id IS NULL AND ${billable}
    AND shared.device_id IS NULL AND sleepless.user_id IS NULL AND looped.user_id IS NULL)`
  // What was billed stays billed, and opens its window for what comes after it, too.
  const opensWindow = sql`(${isAsked} OR (kept.playback_id IS NOT NULL AND kept.reason IS NULL))`
  const all = { asked: sql`play`, beside: sql`play`, tables: empty }
  // Rules about devices and listeners look at all their plays, but at no other devices and listeners than the answer is about: the plays are
  // read twice, and the rest is small.
  const some = (condition: Sql): typeof all => ({
    asked: sql`asked AS play`,
    beside: sql`beside AS play`,
    tables: sql`
      asked AS MATERIALIZED (SELECT * FROM play WHERE ${inTime} AND ${condition}),
      beside AS MATERIALIZED (
        SELECT user_id, device_id, playable_id, started_at, heard_ms, presentation FROM play WHERE ${inTime} AND ${billable}
           AND (user_id IN (SELECT user_id FROM asked AS play WHERE ${billable})
                OR device_id IN (SELECT device_id FROM asked AS play WHERE ${billable}))),`,
  })
  const plays = scope === undefined ? all : some(scope)
  return sql`
    WITH ${plays.tables} shared AS (
      SELECT device_id, day
        FROM (SELECT DISTINCT device_id, user_id, ${DAY} AS day FROM ${plays.beside} WHERE ${inTime} AND ${billable}) AS seen
       WHERE device_id IS NOT NULL AND user_id IS NOT NULL
       GROUP BY device_id, day HAVING count(*) > ${terms.listenersPerDevice}
    ), busy AS (
      SELECT user_id, ${DAY} AS day, sum(heard_ms) > ${terms.hoursMsPerDay} AS is_sleepless, count(*) > ${terms.loopPlaysPerDay} AS may_loop
        FROM ${plays.beside} WHERE ${inTime} AND ${billable} AND user_id IS NOT NULL
       GROUP BY user_id, day HAVING sum(heard_ms) > ${terms.hoursMsPerDay} OR count(*) > ${terms.loopPlaysPerDay}
    ), sleepless AS (
      SELECT user_id, day FROM busy WHERE is_sleepless
    ), looped AS (
      SELECT play.user_id, play.playable_id, day FROM busy
        JOIN ${plays.asked} ON play.user_id = busy.user_id AND play.started_at >= day::timestamp AT TIME ZONE 'UTC'
                 AND play.started_at < (day + 1)::timestamp AT TIME ZONE 'UTC'
       WHERE may_loop AND ${billable} GROUP BY play.user_id, play.playable_id, day HAVING count(*) > ${terms.loopPlaysPerDay}
    ), windowed AS (
      SELECT play.playback_id, play.started_at, play.playable_id, play.user_id, play.heard_ms, play.tier, play.artist_ids,
             CASE WHEN kept.playback_id IS NOT NULL THEN kept.reason
                  WHEN play.presentation <> 'FULL' THEN 'PREVIEW'
                  WHEN play.heard_ms < ${COUNTED_AFTER_MS} THEN 'UNDER_30_SECONDS'
                  WHEN shared.device_id IS NOT NULL THEN 'BOT_SHARED_DEVICE'
                  WHEN sleepless.user_id IS NOT NULL THEN 'BOT_HOURS'
                  WHEN looped.user_id IS NOT NULL THEN 'BOT_LOOP' END AS reason,
             ${isAsked} AS is_asked,
             last_billed(play.started_at, ${terms.repeatWindowMs} * INTERVAL '1 millisecond') FILTER (WHERE ${opensWindow}) OVER listening AS billed_at
        FROM ${plays.asked}
        LEFT JOIN royalty_kept_verdict kept ON kept.started_at = play.started_at AND kept.playback_id = play.playback_id
        LEFT JOIN shared ON shared.device_id = play.device_id AND shared.day = ${DAY}
        LEFT JOIN sleepless ON sleepless.user_id = play.user_id AND sleepless.day = ${DAY}
        LEFT JOIN looped ON looped.user_id = play.user_id AND looped.playable_id = play.playable_id AND looped.day = ${DAY}
       WHERE ${inTime}
      WINDOW listening AS (PARTITION BY coalesce(play.user_id, play.playback_id) COLLATE "C", play.playable_id COLLATE "C"
                           ORDER BY play.started_at, play.playback_id COLLATE "C" ROWS UNBOUNDED PRECEDING)
    ), judged AS (
      SELECT windowed.*, is_asked AND billed_at IS NOT DISTINCT FROM lag(billed_at) OVER listening AS is_repeat FROM windowed
      WINDOW listening AS (PARTITION BY coalesce(user_id, playback_id) COLLATE "C", playable_id COLLATE "C"
                           ORDER BY started_at, playback_id COLLATE "C")
    )
    SELECT playback_id, started_at, playable_id, user_id, heard_ms, tier, artist_ids,
           CASE WHEN is_repeat THEN 'REPEAT' ELSE reason END AS reason
      FROM judged WHERE started_at >= ${from}`
}
