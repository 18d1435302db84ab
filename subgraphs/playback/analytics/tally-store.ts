import type { SqlExecutor } from '#shared/database.ts'
import type { AudienceChange, Changes, ListenerChange, TallyChange } from './counting.ts'

/**
 * Adds what some plays change to the tables of tallies. Rows are taken in the order of their keys, and the tables in one order, so that two
 * who share the work never wait in a circle; those that all of them need, countries and kinds of devices, come last.
 */
export async function addChanges(tx: SqlExecutor, { listeners, audience, tallies }: Changes): Promise<void> {
  await addListeners(tx, listeners)
  await addAudience(tx, audience)
  await addTallies(tx, tallies)
}

/**
 * A person is in the reach of an artist once, on the last day with a play that counts. The row of the two is locked first: whoever adds to
 * the same two on other days waits, and then sees these.
 */
async function addListeners(tx: SqlExecutor, listeners: readonly ListenerChange[]): Promise<void> {
  if (listeners.length === 0) return
  const rows = JSON.stringify(listeners)
  await tx.$executeRaw`
    INSERT INTO artist_listener (user_id, artist_id)
    SELECT DISTINCT "userId", "artistId" FROM jsonb_to_recordset(${rows}::text::jsonb) AS news ("userId" text, "artistId" text)
     ORDER BY 1, 2
    ON CONFLICT (user_id, artist_id) DO UPDATE SET last_day = artist_listener.last_day`
  await tx.$executeRaw`
    INSERT INTO artist_listener_day (user_id, artist_id, day, plays)
    SELECT "userId", "artistId", day, plays
      FROM jsonb_to_recordset(${rows}::text::jsonb) AS news ("userId" text, "artistId" text, day date, plays int)
     ORDER BY 1, 2, 3
    ON CONFLICT (user_id, artist_id, day) DO UPDATE SET plays = artist_listener_day.plays + excluded.plays`
  await tx.$executeRaw`
    WITH pair AS (
      SELECT DISTINCT "userId" AS user_id, "artistId" AS artist_id
        FROM jsonb_to_recordset(${rows}::text::jsonb) AS news ("userId" text, "artistId" text)
    ), seen AS (
      SELECT user_id, artist_id, last_day AS was, (
               SELECT max(day) FROM artist_listener_day heard
                WHERE heard.user_id = pair.user_id AND heard.artist_id = pair.artist_id AND plays > 0) AS now
        FROM pair JOIN artist_listener USING (user_id, artist_id)
    ), moved AS (
      UPDATE artist_listener SET last_day = seen.now FROM seen
       WHERE artist_listener.user_id = seen.user_id AND artist_listener.artist_id = seen.artist_id
         AND seen.now IS DISTINCT FROM seen.was
      RETURNING seen.artist_id, seen.was, seen.now
    )
    INSERT INTO artist_reach (artist_id, day, listeners)
    SELECT artist_id, day, sum(listeners)
      FROM moved CROSS JOIN LATERAL (VALUES (was, -1), (now, 1)) AS change (day, listeners)
     WHERE day IS NOT NULL GROUP BY 1, 2 HAVING sum(listeners) <> 0 ORDER BY 1, 2
    ON CONFLICT (artist_id, day) DO UPDATE SET listeners = artist_reach.listeners + excluded.listeners`
}

async function addAudience(tx: SqlExecutor, audience: readonly AudienceChange[]): Promise<void> {
  if (audience.length === 0) return
  await tx.$executeRaw`
    INSERT INTO artist_audience (artist_id, dimension, day, id, plays)
    SELECT "artistId", dimension, day, id, plays
      FROM jsonb_to_recordset(${JSON.stringify(audience)}::text::jsonb)
           AS news ("artistId" text, dimension text, day date, id text, plays int)
     ORDER BY 1, 2, 3, 4
    ON CONFLICT (artist_id, dimension, day, id) DO UPDATE SET plays = artist_audience.plays + excluded.plays`
}

async function addTallies(tx: SqlExecutor, tallies: readonly TallyChange[]): Promise<void> {
  if (tallies.length === 0) return
  await tx.$executeRaw`
    INSERT INTO play_tally (dimension, id, day, hours, plays)
    SELECT dimension, id, day, hours, plays
      FROM jsonb_to_recordset(${JSON.stringify(tallies)}::text::jsonb)
           AS news (dimension text, id text, day date, hours int[], plays int)
     ORDER BY array_position(ARRAY['TRACK', 'EPISODE', 'ALBUM', 'ARTIST', 'DEVICE', 'COUNTRY'], dimension), id, day
    ON CONFLICT (dimension, id, day) DO UPDATE
       SET plays = play_tally.plays + excluded.plays,
           hours = (SELECT array_agg(one + other ORDER BY hour)
                      FROM unnest(play_tally.hours, excluded.hours) WITH ORDINALITY AS both_of (one, other, hour))`
}
