import type { SqlDatabase, SqlExecutor } from '#shared/database.ts'
import { publishNothing } from '#shared/settled.ts'
import { type CloseRequest, poolOf, readRequest } from './close-request.ts'
import { type Booking, bookClose, bookCorrection } from './ledger.ts'
import { type Month, monthOf } from './month.ts'
import { type Settled, settle } from './settlement.ts'
import { type RoyaltyTerms, royaltyTerms } from './terms.ts'

/** Whole months are computed in one transaction: all of it is there or nothing. */
const PATIENCE = { timeout: 30 * 60_000, maxWait: 30_000 } as const

/**
 * Computes a month that was asked for and books it, unless that is done. One process at a time, the others wait; who is killed
 * leaves nothing behind but the request.
 */
export async function closeMonth(
  db: SqlDatabase,
  month: Month,
  terms: RoyaltyTerms,
  now: number,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await openBooks(tx)
    const request = await readRequest(tx, month)
    if (request === null || (await lastStatement(tx, month)) !== null) return
    const poolMicros = poolOf(request)
    const { currency } = request
    const booking = {
      ...{ month, correction: 0, poolMicros, terms },
      ...{ period: month.day, currency, at: new Date(now) },
    }
    const settled = await settle(tx, booking)
    await bookClose(tx, booking, request.revenueMicros)
    await writeStatement(tx, booking, request, settled)
  }, PATIENCE)
}

/**
 * Computes a closed month again, by the terms of then, from the plays and rights there are now. Where that comes to something else, a
 * further statement says so and the differences are booked in the month that runs: every month's pool stays paid out to the unit, and
 * in the end it is as if everything had come in time. Returns whether there was anything to correct.
 */
export async function correctMonth(db: SqlDatabase, month: Month, now: number): Promise<boolean> {
  try {
    return await db.$transaction(async (tx) => {
      await openBooks(tx)
      const request = await readRequest(tx, month)
      const last = await lastStatement(tx, month)
      if (request === null || last === null) return false
      const { correction, terms } = last
      const booking = {
        ...{
          month,
          correction: correction + 1,
          poolMicros: poolOf(request),
          terms: royaltyTerms.parse(terms),
        },
        ...{ period: monthOf(now).day, currency: request.currency, at: new Date(now) },
      }
      const settled = await settle(tx, booking)
      if (await isAsBefore(tx, booking)) throw new NothingToCorrect()
      await bookCorrection(tx, booking)
      await writeStatement(tx, booking, request, settled)
      return true
    }, PATIENCE)
  } catch (error) {
    if (error instanceof NothingToCorrect) return false
    throw error
  }
}

/** Rolls back what was computed. */
class NothingToCorrect extends Error {}

async function openBooks(tx: SqlExecutor): Promise<void> {
  await publishNothing(tx)
  await tx.$queryRaw`SELECT set_config('statement_timeout', '0', true), set_config('work_mem', '24MB', true)`
  // Of a process that was killed PostgreSQL would first finish the statement, and keep the lock so long. Not every platform can tell.
  await tx.$executeRaw`
    DO $$ BEGIN PERFORM set_config('client_connection_check_interval', '1s', true); EXCEPTION WHEN OTHERS THEN NULL; END $$`
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('playback royalties', 0))::text`
}

async function lastStatement(
  tx: SqlExecutor,
  month: Month,
): Promise<{ correction: number; terms: unknown } | null> {
  const rows = await tx.$queryRaw<{ correction: number; terms: unknown }[]>`
    SELECT correction, terms FROM royalty_statement WHERE month = ${month.day}::date ORDER BY correction DESC LIMIT 1`
  return rows[0] ?? null
}

/** Whether no holder is owed anything else, and no artist has another tally, than by the statement before. */
async function isAsBefore(tx: SqlExecutor, { month, correction }: Booking): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ isSame: boolean }[]>`
    SELECT NOT EXISTS (
             SELECT holder_id, streams, amount_micros FROM royalty_payout WHERE month = ${month.day}::date AND correction = ${correction}
             EXCEPT
             SELECT holder_id, streams, amount_micros FROM royalty_payout WHERE month = ${month.day}::date AND correction = ${correction} - 1)
       AND NOT EXISTS (
             SELECT started_at, playback_id, reason FROM royalty_verdict WHERE month = ${month.day}::date AND correction = ${correction}
             EXCEPT
             SELECT started_at, playback_id, reason FROM royalty_verdict WHERE month = ${month.day}::date AND correction = ${correction} - 1)
           AS "isSame"`
  return row?.isSame === true
}

/** The last row of a month: from here on nothing is added to what it says. */
async function writeStatement(
  tx: SqlExecutor,
  { month, correction, period, currency, poolMicros, terms, at }: Booking,
  { revenueMicros }: CloseRequest,
  { streams, billableStreams, weight }: Settled,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO royalty_statement
      (month, correction, period, currency, revenue_micros, pool_micros, terms, streams, billable_streams, weight, at)
    VALUES (${month.day}::date, ${correction}, ${period}::date, ${currency}, ${revenueMicros}, ${poolMicros},
            ${JSON.stringify(terms)}::text::jsonb, ${streams}, ${billableStreams}, ${weight}, ${at})`
}
