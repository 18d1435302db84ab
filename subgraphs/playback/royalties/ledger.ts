import type { SqlExecutor } from '#shared/database.ts'
import type { Settlement } from './settlement.ts'

/** How a computed month is booked. `period` is the month whose books it goes into. */
export interface Booking extends Settlement {
  period: string
  currency: string
  at: Date
}

/**
 * The journals of a close: revenue becomes what is kept and the pool, and the pool what is owed to each holder. Every payout is a journal of
 * its own.
 */
export async function bookClose(tx: SqlExecutor, booking: Booking, revenueMicros: bigint): Promise<void> {
  const { month, poolMicros } = booking
  if (revenueMicros > 0n)
    await tx.$executeRaw`
      WITH journal AS (
        INSERT INTO ledger_journal (at, period, month, correction, currency, memo)
        VALUES (${booking.at}, ${booking.period}::date, ${month.day}::date, 0, ${booking.currency}, ${`Revenue of ${month.name}`})
        RETURNING id
      )
      INSERT INTO ledger_posting (journal_id, account, debit_micros, credit_micros)
      SELECT journal.id, account, debit, credit
        FROM journal, (VALUES ('revenue', ${revenueMicros}::bigint, 0::bigint),
                              ('kept', 0, ${revenueMicros - poolMicros}::bigint),
                              (${`pool:${month.name}`}, 0, ${poolMicros}::bigint)) AS posting (account, debit, credit)
       WHERE debit + credit > 0`
  await bookPayouts(tx, booking, `Royalties of ${month.name}`)
}

/** The journals of a correction: what each holder is owed more, or less, than by the statement before. */
export async function bookCorrection(tx: SqlExecutor, booking: Booking): Promise<void> {
  await bookPayouts(tx, booking, `Correction ${booking.correction} of ${booking.month.name}`)
}

/** Between the pool of the month and the holders, by what differs from the statement before; from nothing where there is none. */
async function bookPayouts(
  tx: SqlExecutor,
  { month, correction, period, currency, at }: Booking,
  memo: string,
): Promise<void> {
  await tx.$executeRaw`
    WITH owed AS MATERIALIZED (
      SELECT nextval(pg_get_serial_sequence('ledger_journal', 'id')) AS id, 'payable:' || holder_id AS account, amount
        FROM (SELECT holder_id, coalesce(this.amount_micros, 0) - coalesce(before.amount_micros, 0) AS amount
                FROM (SELECT * FROM royalty_payout WHERE month = ${month.day}::date AND correction = ${correction}) AS this
                FULL JOIN (SELECT * FROM royalty_payout WHERE month = ${month.day}::date AND correction = ${correction} - 1) AS before
                     USING (holder_id)
               ORDER BY holder_id) AS payout
       WHERE amount <> 0
    ), journal AS (
      INSERT INTO ledger_journal (id, at, period, month, correction, currency, memo)
      SELECT id, ${at}, ${period}::date, ${month.day}::date, ${correction}::int, ${currency}, ${memo} FROM owed
    )
    INSERT INTO ledger_posting (journal_id, account, debit_micros, credit_micros)
    SELECT id, account, greatest(-amount, 0), greatest(amount, 0) FROM owed
    UNION ALL
    SELECT id, ${`pool:${month.name}`}, greatest(amount, 0), greatest(-amount, 0) FROM owed`
}
