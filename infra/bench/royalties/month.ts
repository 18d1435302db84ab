import type pg from 'pg'

/** How large a month is. */
export interface MonthSize {
  counted: number
  tracks: number
  holders: number
}

export const MONTH = '2026-10'

/**
 * Fills a playback schema with the plays of a month, the same for the same seed: some tracks and listeners far more than others, a fifth of the
 * plays too short, repeats, a loop and a shared device among the rest. Of the tracks three in five have an agreement (a third of those another one
 * from the middle of the month on), one in two is of a known work; all others are their artists'.
 */
export async function fillMonth(
  client: pg.Client,
  { counted, tracks, holders }: MonthSize,
  seed: number,
): Promise<void> {
  const artists = Math.floor(holders * 0.6)
  const others = holders - artists - 1
  const works = Math.floor(tracks / 2)
  /** A number from 0 to 1 for a row and a purpose. */
  const chance = (of: string, purpose: number): string =>
    `((hashint8extended(${of}::bigint, ${seed} * 31 + ${purpose}) & 2147483647) / 2147483648.0)`
  const track = (number: string): string => `'track_' || lpad((${number})::text, 22, '0')`
  const artist = (number: string): string => `'artist_' || lpad((${number})::text, 22, '0')`
  const holder = (number: string): string => `'holder_x' || lpad((${number})::text, 21, '0')`
  const statements = [
    `SELECT make_play_partition('${MONTH}-01T00:00:00Z')`,
    `INSERT INTO rights_holder (id, name, role, artist_id)
     SELECT replace(${artist('n')}, 'artist_', 'holder_'), 'Artist ' || n, 'ARTIST', ${artist('n')} FROM generate_series(1, ${artists}) AS n`,
    `INSERT INTO rights_holder (id, name, role)
     SELECT ${holder('n')}, 'Holder ' || n, (ARRAY['LABEL', 'PRODUCER', 'SONGWRITER', 'PUBLISHER'])[1 + n % 4]
       FROM generate_series(1, ${others}) AS n`,
    `INSERT INTO track_artist (track_id, artist_ids, version)
     SELECT ${track('n')}, CASE WHEN n % 7 = 0 THEN ARRAY[${artist(`1 + n % ${artists}`)}, ${artist(`1 + (n * 13 + 1) % ${artists}`)}]
                                ELSE ARRAY[${artist(`1 + n % ${artists}`)}] END, 1
       FROM generate_series(1, ${tracks}) AS n`,
    `INSERT INTO musical_work SELECT 'work_' || n, 'Work ' || n FROM generate_series(1, ${works}) AS n`,
    `INSERT INTO recording_work SELECT ${track('n')}, 'work_' || (1 + n / 2 % ${works}) FROM generate_series(1, ${tracks}) AS n WHERE n % 2 = 0`,
    `INSERT INTO rights_agreement SELECT ${track('n')} || ':', 'RECORDING', ${track('n')},
            CASE WHEN n % 3 = 0 THEN '(,${MONTH}-15)' ELSE '(,)' END::daterange
       FROM generate_series(1, ${tracks}) AS n WHERE n % 5 < 3`,
    `INSERT INTO rights_agreement SELECT ${track('n')} || ':${MONTH}-15', 'RECORDING', ${track('n')}, '[${MONTH}-15,)'
       FROM generate_series(1, ${tracks}) AS n WHERE n % 5 < 3 AND n % 3 = 0`,
    `INSERT INTO rights_agreement SELECT 'work_' || n || ':', 'WORK', 'work_' || n, '(,)' FROM generate_series(1, ${works}) AS n`,
    // Three who share a recording, two who share a work: none of the parts divides evenly.
    `INSERT INTO rights_share
     SELECT id, holder_id, points FROM (
       SELECT id, row_number() OVER (ORDER BY id) AS n FROM rights_agreement WHERE side = 'RECORDING') AS agreement,
       LATERAL (VALUES (replace(${artist(`1 + n % ${artists}`)}, 'artist_', 'holder_'), 3333), (${holder(`1 + n % ${others}`)}, 5334),
                       (${holder(`1 + (n + ${Math.floor(others / 2)}) % ${others}`)}, 1333)) AS share (holder_id, points)`,
    `INSERT INTO rights_share
     SELECT id, holder_id, points FROM (
       SELECT id, row_number() OVER (ORDER BY id) AS n FROM rights_agreement WHERE side = 'WORK') AS agreement,
       LATERAL (VALUES (${holder(`1 + (n * 3) % ${others}`)}, 6667), (${holder(`1 + (n * 3 + 1) % ${others}`)}, 3333)) AS share (holder_id, points)`,
    // Of twenty plays one is the one before it again, five minutes later; one of a thousand is a program's, all of them on one day.
    `INSERT INTO play (playback_id, started_at, user_id, playable_id, artist_ids, device_id, country, tier, duration_ms, heard_ms,
                       presentation, is_counted)
     SELECT 'playback_' || lpad(n::text, 22, '0'), started_at, 'user_' || listener, track_id, artist_ids,
            'device_' || CASE WHEN listener % 500 = 0 THEN 0 ELSE listener END, 'SE',
            CASE WHEN listener % 3 = 0 THEN 'FREE' ELSE 'PREMIUM' END, 200000, heard, 'FULL', heard >= 30000
       FROM (SELECT n, CASE WHEN is_bot THEN 1 ELSE 1 + floor(pow(${chance('drawn', 2)}, 1.5) * ${Math.floor(counted / 40)})::int END AS listener,
                    CASE WHEN is_bot THEN 1 ELSE 1 + floor(pow(${chance('drawn', 3)}, 2) * ${tracks - 1})::int END AS number,
                    CASE WHEN is_bot THEN '${MONTH}-10T00:00:00Z'::timestamptz + ${chance('n', 1)} * INTERVAL '23 hours'
                         ELSE '${MONTH}-01T00:00:00Z'::timestamptz + (${chance('drawn', 1)} * 2678000000)::bigint * INTERVAL '1 millisecond'
                              + (n - drawn) * INTERVAL '5 minutes' END AS started_at,
                    CASE WHEN n % 5 = 0 THEN 1000 + n % 29000 ELSE 30000 + (n * 7) % 170000 END AS heard
               FROM (SELECT n, CASE n % 20 WHEN 2 THEN n - 1 ELSE n END AS drawn, n % 1000 = 3 AS is_bot
                       FROM generate_series(1, ${Math.floor((counted * 5) / 4)}) AS n) AS numbered) AS drawn
       JOIN track_artist ON track_id = ${track('number')}`,
  ]
  // In one transaction: shares are looked at when it ends.
  for (const statement of ['BEGIN', ...statements, 'COMMIT', 'VACUUM ANALYZE']) await client.query(statement)
}

/** All that a close wrote, as one number: rows in order, without what the clock and the sequence said. */
export async function digestOf(client: pg.Client): Promise<string> {
  const parts = [
    "SELECT md5(string_agg(holder_id || ' ' || streams || ' ' || amount_micros, ',' ORDER BY holder_id)) FROM royalty_payout",
    "SELECT md5(string_agg(l::text, ',' ORDER BY line)) FROM royalty_line l",
    "SELECT md5(string_agg(c::text, ',' ORDER BY holder_id, line, side)) FROM royalty_credit c",
    "SELECT md5(string_agg(concat_ws(' ', playback_id, reason, line), ',' ORDER BY playback_id)) FROM royalty_verdict",
    "SELECT md5(string_agg(t::text, ',' ORDER BY artist_id, reason)) FROM royalty_tally t",
    "SELECT md5(string_agg(concat_ws(' ', account, debit_micros, credit_micros), ',' ORDER BY account, debit_micros, credit_micros)) FROM ledger_posting",
  ]
  const digests: string[] = []
  for (const part of parts) digests.push(String((await client.query(part)).rows[0]?.md5))
  return digests.join(' ')
}
