import type { SqlExecutor } from '#shared/database.ts'
import { Refusal } from '#shared/errors.ts'
import { type Month, monthNamed } from './month.ts'

/** `RoyaltyMonthCloseInput` of the schema. */
export interface MonthCloseInput {
  month: string
  currency: string
  revenueMicros: number
  keptPercent: number
}

/** What a month is closed with. */
export interface CloseRequest {
  month: Month
  currency: string
  revenueMicros: bigint
  keptBasisPoints: number
}

const DAY_MS = 24 * 3_600_000

/** Reports of plays online may be so late: a month is closed when those are in. What comes later is corrected. */
export const CLOSE_AFTER_MS = DAY_MS

/** Checks what an administrator gave; percents become integers here. A Refusal names the field. */
export function readCloseInput(input: MonthCloseInput, now: number): CloseRequest {
  const month = monthNamed(input.month)
  if (month === null) throw new Refusal('BAD_USER_INPUT', 'A month is written YYYY-MM', ['month'])
  if (now < month.to.getTime() + CLOSE_AFTER_MS)
    throw new Refusal('BAD_USER_INPUT', `${month.name} can be closed a day after it is over`, ['month'])
  if (!/^[A-Z]{3}$/.test(input.currency))
    throw new Refusal('BAD_USER_INPUT', 'A currency has three capitals, like USD', ['currency'])
  if (input.revenueMicros < 0)
    throw new Refusal('BAD_USER_INPUT', 'Revenue is not negative', ['revenueMicros'])
  const keptBasisPoints = Math.round(input.keptPercent * 100)
  // 29.35 is none of the numbers a Float can hold: what is meant is the nearest with two digits, if it is that near.
  const isExact = Math.abs(input.keptPercent * 100 - keptBasisPoints) < 1e-6
  if (!isExact || keptBasisPoints < 0 || keptBasisPoints > 10_000)
    throw new Refusal('BAD_USER_INPUT', 'What is kept is 0 to 100 percent, with two decimals at most', [
      'keptPercent',
    ])
  return { month, currency: input.currency, revenueMicros: BigInt(input.revenueMicros), keptBasisPoints }
}

/** Revenue less what is kept, to the nearest unit; half a unit is the holders'. */
export function poolOf({ revenueMicros, keptBasisPoints }: CloseRequest): bigint {
  return (revenueMicros * BigInt(10_000 - keptBasisPoints) + 5_000n) / 10_000n
}

/**
 * Writes down that the month is to be closed. The same again changes nothing; other figures, or another currency than the books', are a
 * CONFLICT.
 */
export async function requestClose(db: SqlExecutor, request: CloseRequest, at: Date): Promise<void> {
  const { month, currency, revenueMicros, keptBasisPoints } = request
  await db.$executeRaw`
    INSERT INTO royalty_close (month, currency, revenue_micros, kept_basis_points, requested_at)
    VALUES (${month.day}::date, ${currency}, ${revenueMicros}, ${keptBasisPoints}, ${at}) ON CONFLICT DO NOTHING`
  const rows = await db.$queryRaw<{ name: string; currency: string; isSame: boolean }[]>`
    SELECT to_char(month, 'YYYY-MM') AS name, currency,
           (currency, revenue_micros, kept_basis_points) = (${currency}, ${revenueMicros}::bigint, ${keptBasisPoints}::int) AS "isSame"
      FROM royalty_close WHERE month = ${month.day}::date OR currency <> ${currency} ORDER BY month = ${month.day}::date DESC LIMIT 1`
  const [row] = rows
  if (row?.name === month.name && row.isSame) return
  if (row?.name === month.name)
    throw new Refusal('CONFLICT', `${month.name} was closed with other figures: what is closed stays`, [
      'month',
    ])
  throw new Refusal('CONFLICT', `The books are kept in ${row?.currency}`, ['currency'])
}

export async function readRequest(db: SqlExecutor, month: Month): Promise<CloseRequest | null> {
  const [row] = await db.$queryRaw<Omit<CloseRequest, 'month'>[]>`
    SELECT currency, revenue_micros AS "revenueMicros", kept_basis_points AS "keptBasisPoints"
      FROM royalty_close WHERE month = ${month.day}::date`
  return row === undefined ? null : { month, ...row }
}
