import type { SqlExecutor } from '#shared/database.ts'

/** What the tallies say of an id and an hour, where the plays themselves say something else. */
export interface TallyDifference {
  dimension: string
  id: string
  hour: Date
  tallied: number
  counted: number
}

const HOUR_MS = 3_600_000

/** The beginning of the hour (UTC) of a moment. */
export function hourOf(moment: number): Date {
  return new Date(moment - (moment % HOUR_MS))
}

/** Compares the tallies of one hour with its plays. Plays whose news is still on its way differ: look again when it has come. */
export async function compareHour(db: SqlExecutor, hour: Date): Promise<TallyDifference[]> {
  const end = new Date(hour.getTime() + HOUR_MS)
  const place = hour.getUTCHours() + 1
  const rows = await db.$queryRaw<Omit<TallyDifference, 'hour'>[]>`
    WITH counted AS (
      SELECT dimension, id, count(*)::int AS plays
        FROM play CROSS JOIN LATERAL (
               SELECT CASE WHEN playable_id LIKE 'track\\_%' THEN 'TRACK' ELSE 'EPISODE' END AS dimension, playable_id AS id
               UNION ALL SELECT DISTINCT 'ARTIST', artist_id FROM unnest(artist_ids) AS artist_id
               UNION ALL SELECT 'ALBUM', album_id WHERE album_id IS NOT NULL
               UNION ALL SELECT 'COUNTRY', country
               UNION ALL SELECT 'DEVICE', device_kind) AS counted_for
       WHERE started_at >= ${hour} AND started_at < ${end} AND is_counted
       GROUP BY 1, 2
    ), tallied AS (
      SELECT dimension, id, hours[${place}::int] AS plays FROM play_tally
       WHERE day = (${hour}::timestamptz AT TIME ZONE 'UTC')::date AND hours[${place}::int] <> 0
    )
    SELECT dimension, id, coalesce(tallied.plays, 0) AS tallied, coalesce(counted.plays, 0) AS counted
      FROM counted FULL JOIN tallied USING (dimension, id)
     WHERE counted.plays IS DISTINCT FROM tallied.plays
     ORDER BY 1, 2`
  return rows.map((row) => ({ ...row, hour }))
}

/** Those of `now` that were there `before` as well, and the same. */
export function lasting(
  before: readonly TallyDifference[],
  now: readonly TallyDifference[],
): TallyDifference[] {
  const known = new Set(before.map((difference) => JSON.stringify(difference)))
  return now.filter((difference) => known.has(JSON.stringify(difference)))
}
