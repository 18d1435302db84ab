import type { SqlExecutor } from '#shared/database.ts'
import { type Cell, csvLine } from '../services/csv.ts'
import { decimal } from './amounts.ts'
import { type PayoutRow, readPayouts, type Statement } from './statement.ts'

const AT_ONCE = 1_000
const COLUMNS = [
  'month',
  'correction',
  'rights_holder',
  'name',
  'role',
  'streams',
  'amount_micros',
  'amount',
  'currency',
]

/** All payouts of a statement, so many at a time, who is owed most first. */
export async function* allPayouts(db: SqlExecutor, statement: Statement): AsyncGenerator<PayoutRow[]> {
  let after: readonly string[] | null = null
  for (;;) {
    const rows: PayoutRow[] = await readPayouts(db, statement, after, AT_ONCE)
    if (rows.length > 0) yield rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < AT_ONCE) return
    after = [String(last.amountMicros), last.holderId]
  }
}

/** A statement as CSV (RFC 4180), one payout a line; the amounts add up to the pool. */
export async function* statementCsv(db: SqlExecutor, statement: Statement): AsyncGenerator<string> {
  yield csvLine(COLUMNS)
  for await (const payouts of allPayouts(db, statement))
    yield payouts.map((payout) => csvLine(cellsOf(statement, payout))).join('')
}

function cellsOf({ month, correction, currency }: Statement, payout: PayoutRow): Cell[] {
  const { holderId, name, role, streams, amountMicros } = payout
  return [
    ...[month, correction, holderId, name, role],
    ...[streams, amountMicros, decimal(amountMicros), currency],
  ]
}
