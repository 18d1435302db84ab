import { z } from 'zod'
import { type Connection, encodeCursor, readPage, toConnection } from '#shared/connection.ts'
import type { SqlExecutor } from '#shared/database.ts'
import { type Month, readMonth } from './month.ts'
import { readPosition } from './position.ts'
import { type RoyaltyTerms, royaltyTerms } from './terms.ts'

export interface PageArgs {
  first?: number | null | undefined
  after?: string | null | undefined
}

/** What `RoyaltyStatement` is resolved from. Amounts are micro-units. */
export interface Statement {
  month: string
  /** 0 is the close. */
  correction: number
  currency: string
  revenueMicros: bigint
  poolMicros: bigint
  streams: number
  billableStreams: number
  weight: bigint
  terms: RoyaltyTerms
  at: Date
}

/** What `RightsHolder` is resolved from. */
export interface HolderRow {
  holderId: string
  name: string
  role: string
  /** Of a holder who is an artist of the catalogue. */
  artistId: string | null
}

/** What `Payout` is resolved from. */
export interface PayoutRow extends HolderRow {
  month: string
  correction: number
  streams: number
  amountMicros: bigint
}

/** The statement with this number, or the newest; null while the month is open. */
export async function readStatement(
  db: SqlExecutor,
  month: Month,
  correction: number | null = null,
): Promise<Statement | null> {
  const [row] = await db.$queryRaw<(Omit<Statement, 'terms'> & { terms: unknown })[]>`
    SELECT to_char(month, 'YYYY-MM') AS month, correction, currency, revenue_micros AS "revenueMicros", pool_micros AS "poolMicros",
           streams, billable_streams AS "billableStreams", weight, terms, at
      FROM royalty_statement WHERE month = ${month.day}::date AND (correction = ${correction}::int OR ${correction}::int IS NULL)
     ORDER BY correction DESC LIMIT 1`
  return row === undefined ? null : { ...row, terms: royaltyTerms.parse(row.terms) }
}

/** Plays that were not billed, by reason: of an artist, or of all. */
export async function readRejections(
  db: SqlExecutor,
  { month, correction }: Pick<Statement, 'month' | 'correction'>,
  artistId = '',
): Promise<{ reason: string; count: number }[]> {
  return db.$queryRaw`
    SELECT reason, streams AS count FROM royalty_tally
     WHERE month = ${readMonth(month).day}::date AND correction = ${correction} AND artist_id = ${artistId} AND reason <> ''
     ORDER BY streams DESC, reason`
}

/** Who is owed most first. */
export async function pageOfPayouts(
  db: SqlExecutor,
  { month, correction }: Pick<Statement, 'month' | 'correction'>,
  args: PageArgs,
): Promise<Connection<PayoutRow> & { totalCount: number }> {
  const page = readPage(args)
  const after = readPosition(page, z.tuple([z.string().regex(/^\d{1,18}$/), z.string()]))
  const rows = await readPayouts(db, { month, correction }, after, page.first + 1)
  const [all] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM royalty_payout WHERE month = ${readMonth(month).day}::date AND correction = ${correction}`
  const cursorOf = ({ amountMicros, holderId }: PayoutRow): string =>
    encodeCursor(String(amountMicros), holderId)
  return { ...toConnection(rows, page, cursorOf), totalCount: all?.count ?? 0 }
}

/** So many payouts after a position, who is owed most first. */
export async function readPayouts(
  db: SqlExecutor,
  { month, correction }: Pick<Statement, 'month' | 'correction'>,
  after: readonly string[] | null,
  limit: number,
): Promise<PayoutRow[]> {
  const [amount = null, holderId = ''] = after ?? []
  const rows = await db.$queryRaw<Omit<PayoutRow, 'month' | 'correction'>[]>`
    SELECT holder_id AS "holderId", name, role, artist_id AS "artistId", streams, amount_micros AS "amountMicros"
      FROM royalty_payout JOIN rights_holder ON rights_holder.id = holder_id
     WHERE month = ${readMonth(month).day}::date AND correction = ${correction}
       AND (${amount}::text IS NULL OR amount_micros < ${amount}::bigint
            OR (amount_micros = ${amount}::bigint AND holder_id > ${holderId}))
     ORDER BY amount_micros DESC, holder_id LIMIT ${limit}`
  return rows.map((row) => ({ ...row, month, correction }))
}

export async function readPayout(
  db: SqlExecutor,
  { month, correction }: Pick<Statement, 'month' | 'correction'>,
  holderId: string,
): Promise<PayoutRow | null> {
  const [row] = await db.$queryRaw<Omit<PayoutRow, 'month' | 'correction'>[]>`
    SELECT holder_id AS "holderId", name, role, artist_id AS "artistId", streams, amount_micros AS "amountMicros"
      FROM royalty_payout JOIN rights_holder ON rights_holder.id = holder_id
     WHERE month = ${readMonth(month).day}::date AND correction = ${correction} AND holder_id = ${holderId}`
  return row === undefined ? null : { ...row, month, correction }
}
