import type pg from 'pg'
import { compare } from '../../simulate/check.ts'
import { type Answer, DIMENSIONS, inAll } from '../../simulate/oracle.ts'
import type { PlayedOut } from '../../simulate/play-out.ts'

/** What each part of the house wrote down, against what was done: counted part by part, so that a loss has a place. */
export async function checkBooks(db: pg.Pool, { answer, plays }: PlayedOut): Promise<string[]> {
  const tally = async (query: string): Promise<Record<string, number>> => {
    const { rows } = await db.query<{ key: string; n: number }>(query)
    return Object.fromEntries(rows.map(({ key, n }) => [key, n]))
  }
  const events = await tally(
    `SELECT 'events' AS key, sum(json_array_length(events))::int AS n FROM playback.playback_report`,
  )
  const heard = await tally('SELECT playback_id AS key, heard_ms AS n FROM playback.play')
  const said = await tally(
    `SELECT payload->>'playbackId' AS key, sum(CASE topic WHEN 'playback.play-counted.v1' THEN 1 ELSE -1 END)::int AS n
       FROM playback.outbox WHERE topic IN ('playback.play-counted.v1', 'playback.play-uncounted.v1') GROUP BY 1`,
  )
  const copied = await tally(
    'SELECT playback_id AS key, count(*)::int AS n FROM recommendations.play WHERE is_counted GROUP BY 1',
  )
  const charted = await tally(
    `SELECT track_id AS key, sum(plays)::int AS n FROM recommendations.heat_day WHERE country = '*' GROUP BY 1`,
  )
  const chartedAbroad = await tally(
    `SELECT country AS key, sum(plays)::int AS n FROM recommendations.heat_day WHERE country <> '*' GROUP BY 1`,
  )
  const tallied = await tally(
    `SELECT lower(dimension) || ' ' || id || ' ' || to_char(day + (hour - 1) * INTERVAL '1 hour', 'YYYY-MM-DD"T"HH24:00:00.000"Z"') AS key,
            hours[hour] AS n
       FROM playback.play_tally CROSS JOIN generate_series(1, 24) AS hour WHERE hours[hour] <> 0`,
  )
  const counted = Object.fromEntries(
    plays.filter(({ heardMs }) => heardMs >= 30_000).map(({ playbackId }) => [playbackId, 1]),
  )
  return [
    ...compare('the room has', events, { events: answer.events.accepted }),
    ...compare(
      'ms heard of',
      heard,
      Object.fromEntries(plays.map((play) => [play.playbackId, play.heardMs])),
    ),
    ...compare('news of', said, counted),
    ...compare('copies of', copied, counted),
    ...compare('the chart of the world has', charted, inAll(answer.hourly.track)),
    ...compare('the chart of', chartedAbroad, inAll(answer.hourly.country)),
    ...compare('the tally of', tallied, hoursOf(answer)),
    ...(await readSetAside(db)),
  ]
}

/** Every hour of everything, under one key. */
function hoursOf({ hourly }: Answer): Record<string, number> {
  return Object.fromEntries(
    DIMENSIONS.flatMap((dimension) =>
      Object.entries(hourly[dimension]).flatMap(([id, hours]) =>
        Object.entries(hours).map(([hour, plays]) => [`${dimension} ${id} ${hour}`, plays]),
      ),
    ),
  )
}

const ROOMS = ['users', 'catalog', 'playlists', 'playback', 'recommendations'] as const

/** Nothing is to be set aside anywhere. */
async function readSetAside(db: pg.Pool): Promise<string[]> {
  const differences: string[] = []
  for (const room of ROOMS) {
    const { rows } = await db.query(`SELECT consumer, reason FROM ${room}.dead_letter`)
    for (const { consumer, reason } of rows) differences.push(`set aside by ${consumer}: ${reason}`)
  }
  return differences
}
