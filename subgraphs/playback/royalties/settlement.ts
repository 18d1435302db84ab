import type { SqlExecutor } from '#shared/database.ts'
import type { Month } from './month.ts'
import type { RoyaltyTerms } from './terms.ts'
import { verdictsOn } from './verdicts.ts'

/** A month as it is computed now: the close (0), or one of its corrections. */
export interface Settlement {
  month: Month
  correction: number
  poolMicros: bigint
  terms: RoyaltyTerms
}

export interface Settled {
  streams: number
  billableStreams: number
  /** Of all billable streams together. */
  weight: bigint
}

export const UNCLAIMED = 'holder_unclaimed'

/**
 * Divides the pool of a month among its plays, their recordings and who has rights in those, and writes each step down. Everywhere by
 * largest remainder in integers: each gets the floor of their part, and what is left over goes, a unit each, to those whose part was
 * cut most; of equal cuts the lower id first, by its bytes, whatever the language of the database. So nothing is lost or made, and the order of the
 * plays does not matter.
 */
export async function settle(tx: SqlExecutor, settlement: Settlement): Promise<Settled> {
  await judge(tx, settlement)
  const settled = await divideAmongLines(tx, settlement)
  await divideAmongHolders(tx, settlement)
  await writeVerdicts(tx, settlement)
  return settled
}

/** Fills a table of this transaction with the verdict on each play, and which agreements hold on its day. */
async function judge(tx: SqlExecutor, { month, terms }: Settlement): Promise<void> {
  const { PREMIUM, FREE } = terms.tierWeights
  await tx.$executeRaw`
    CREATE TEMPORARY TABLE judged_play (
      playback_id text, started_at timestamptz(3), recording_id text, heard_ms int, tier text, reason text, weight int,
      artist_ids text[], recording_agreement_id text, work_agreement_id text
    ) ON COMMIT DROP`
  await tx.$executeRaw`
    INSERT INTO judged_play
    SELECT verdict.playback_id, verdict.started_at, playable_id, heard_ms, tier, reason,
           CASE tier WHEN 'PREMIUM' THEN ${PREMIUM}::int ELSE ${FREE}::int END,
           coalesce(nullif(verdict.artist_ids, '{}'), track_artist.artist_ids, '{}'), recording.id, work.id
      FROM (${verdictsOn({ terms, from: month.from, to: month.to })}) AS verdict
      LEFT JOIN track_artist ON track_id = playable_id
      LEFT JOIN rights_agreement recording ON recording.side = 'RECORDING' AND recording.subject_id = playable_id
            AND recording.valid @> (verdict.started_at AT TIME ZONE 'UTC')::date
      LEFT JOIN recording_work ON recording_work.recording_id = playable_id
      LEFT JOIN rights_agreement work ON work.side = 'WORK' AND work.subject_id = recording_work.work_id
            AND work.valid @> (verdict.started_at AT TIME ZONE 'UTC')::date`
  await tx.$executeRaw`ANALYZE judged_play`
}

async function divideAmongLines(tx: SqlExecutor, settlement: Settlement): Promise<Settled> {
  const { month, correction, poolMicros } = settlement
  await tx.$executeRaw`
    INSERT INTO royalty_line (month, correction, line, recording_id, recording_agreement_id, work_agreement_id, artist_ids,
                              streams, weight, amount_micros)
    WITH line AS (
      SELECT recording_id, recording_agreement_id, work_agreement_id,
             CASE WHEN recording_agreement_id IS NULL THEN artist_ids ELSE '{}' END AS artist_ids,
             count(*) AS streams, sum(weight) AS weight
        FROM judged_play WHERE reason IS NULL GROUP BY 1, 2, 3, 4
    ), numbered AS (
      SELECT line.*, row_number() OVER (
               ORDER BY recording_id COLLATE "C", recording_agreement_id COLLATE "C" NULLS FIRST, work_agreement_id COLLATE "C" NULLS FIRST,
                        artist_ids COLLATE "C") AS number,
             ${poolMicros}::numeric * weight AS part, sum(weight) OVER () AS whole
        FROM line
    ), floored AS (
      SELECT numbered.*, div(part, whole) AS amount, row_number() OVER (ORDER BY mod(part, whole) DESC, number) AS place
        FROM numbered
    )
    SELECT ${month.day}::date, ${correction}::int, number, recording_id, recording_agreement_id, work_agreement_id, artist_ids,
           streams, weight,
           amount + CASE WHEN place <= ${poolMicros}::numeric - sum(amount) OVER () THEN 1 ELSE 0 END
      FROM floored ORDER BY number`
  await tx.$executeRaw`ANALYZE royalty_line`
  const [settled] = await tx.$queryRaw<Settled[]>`
    SELECT count(*)::int AS streams, (count(*) FILTER (WHERE reason IS NULL))::int AS "billableStreams",
           coalesce(sum(weight) FILTER (WHERE reason IS NULL), 0)::bigint AS weight FROM judged_play`
  return settled as Settled
}

/** Each line's amount between recording and work, each side among its holders, and what that comes to for each of them. */
async function divideAmongHolders(tx: SqlExecutor, settlement: Settlement): Promise<void> {
  const { month, correction, poolMicros, terms } = settlement
  await tx.$executeRaw`
    INSERT INTO rights_holder (id, name, role, artist_id)
    SELECT DISTINCT replace(artist_id, 'artist_', 'holder_'), artist_id, 'ARTIST', artist_id
      FROM royalty_line, unnest(artist_ids) AS artist_id
     WHERE month = ${month.day}::date AND correction = ${correction}
    ON CONFLICT DO NOTHING`
  await tx.$executeRaw`
    INSERT INTO royalty_credit (month, correction, holder_id, line, side, parts, whole, amount_micros)
    WITH side AS (
      SELECT line, 'RECORDING' AS side, recording_agreement_id AS agreement_id, artist_ids,
             div(amount_micros::numeric * ${terms.recordingBasisPoints}::int + 5000, 10000) AS amount
        FROM royalty_line WHERE month = ${month.day}::date AND correction = ${correction}
      UNION ALL
      SELECT line, 'WORK', work_agreement_id, '{}',
             amount_micros - div(amount_micros::numeric * ${terms.recordingBasisPoints}::int + 5000, 10000)
        FROM royalty_line WHERE month = ${month.day}::date AND correction = ${correction}
    ), claim AS (
      SELECT line, side, amount, holder_id, basis_points AS parts FROM side JOIN rights_share USING (agreement_id)
      UNION ALL
      SELECT DISTINCT line, side, amount, replace(artist_id, 'artist_', 'holder_'), 1
        FROM side, unnest(artist_ids) AS artist_id WHERE agreement_id IS NULL
      UNION ALL
      SELECT line, side, amount, ${UNCLAIMED}, 1 FROM side WHERE agreement_id IS NULL AND artist_ids = '{}'
    ), counted AS (
      SELECT claim.*, sum(parts) OVER (PARTITION BY line, side) AS whole FROM claim
    ), floored AS (
      SELECT counted.*, div(amount * parts, whole) AS floor,
             row_number() OVER (PARTITION BY line, side ORDER BY mod(amount * parts, whole) DESC, holder_id COLLATE "C") AS place
        FROM counted
    )
    SELECT ${month.day}::date, ${correction}::int, holder_id, line, side, parts, whole,
           floor + CASE WHEN place <= amount - sum(floor) OVER (PARTITION BY line, side) THEN 1 ELSE 0 END
      FROM floored ORDER BY holder_id, line, side`
  await tx.$executeRaw`
    INSERT INTO royalty_payout (month, correction, holder_id, streams, amount_micros)
    WITH earned AS (
      SELECT holder_id, line, sum(amount_micros) AS amount FROM royalty_credit
       WHERE month = ${month.day}::date AND correction = ${correction} GROUP BY holder_id, line
    )
    SELECT ${month.day}::date, ${correction}::int, holder_id, sum(streams), sum(amount)
      FROM earned JOIN royalty_line USING (line) WHERE month = ${month.day}::date AND correction = ${correction}
     GROUP BY holder_id
    UNION ALL
    SELECT ${month.day}::date, ${correction}::int, ${UNCLAIMED}, 0, ${poolMicros}::bigint WHERE NOT EXISTS (SELECT FROM earned)`
}

async function writeVerdicts(tx: SqlExecutor, { month, correction }: Settlement): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO royalty_verdict (month, correction, started_at, playback_id, recording_id, heard_ms, tier, reason, line)
    SELECT ${month.day}::date, ${correction}::int, started_at, playback_id, played.recording_id, heard_ms, tier, reason, line
      FROM judged_play played
      LEFT JOIN royalty_line line ON line.month = ${month.day}::date AND line.correction = ${correction} AND played.reason IS NULL
            AND line.recording_id = played.recording_id
            AND line.recording_agreement_id IS NOT DISTINCT FROM played.recording_agreement_id
            AND line.work_agreement_id IS NOT DISTINCT FROM played.work_agreement_id
            AND (line.recording_agreement_id IS NOT NULL OR line.artist_ids = played.artist_ids)
     ORDER BY played.recording_id, started_at, playback_id`
  await tx.$executeRaw`
    INSERT INTO royalty_tally (month, correction, artist_id, reason, streams)
    SELECT ${month.day}::date, ${correction}::int, artist_id, coalesce(reason, ''), count(*)
      FROM judged_play, unnest(artist_ids) AS artist_id GROUP BY artist_id, reason
    UNION ALL
    SELECT ${month.day}::date, ${correction}::int, '', coalesce(reason, ''), count(*) FROM judged_play GROUP BY reason`
}
