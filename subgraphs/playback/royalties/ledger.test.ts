import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SqlExecutor } from '#shared/database.ts'
import { openTestBooks, type TestBooks } from '../testing/books.ts'

let house: TestBooks

beforeAll(async () => {
  house = await openTestBooks()
  await house.close('2026-10')
})
afterAll(() => house[Symbol.asyncDispose]())

/** What waits for the end of the transaction is looked at before it, where PostgreSQL still says what is wrong. */
const inOne = (work: (tx: SqlExecutor) => Promise<unknown>) =>
  house.db.$transaction(async (tx) => {
    await work(tx)
    await tx.$executeRaw`SET CONSTRAINTS ALL IMMEDIATE`
  })

/** A journal with these debits and credits of two accounts, in a month's books. */
const book = (debit: number, credit: number, period = '2026-11-01') =>
  inOne(async (tx) => {
    await tx.$executeRaw`
      WITH journal AS (
        INSERT INTO ledger_journal (at, period, month, correction, currency, memo)
        VALUES (now(), ${period}::date, ${period}::date, 0, 'USD', 'A test') RETURNING id
      )
      INSERT INTO ledger_posting SELECT id, 'one', ${debit}::bigint, 0 FROM journal UNION ALL SELECT id, 'other', 0, ${credit}::bigint FROM journal`
  })

test('a journal whose debits are not its credits is not booked, and one that balances is', async () => {
  await expect(book(10, 9)).rejects.toThrow(/debits of journal \d+ are not its credits/)
  await expect(book(10, 10)).resolves.toBeUndefined()
})

test('nor is one without postings', async () => {
  await expect(
    inOne(
      (tx) =>
        tx.$executeRaw`
      INSERT INTO ledger_journal (at, period, month, correction, currency, memo)
      VALUES (now(), '2026-11-01', '2026-11-01', 0, 'USD', 'Empty')` as Promise<number>,
    ),
  ).rejects.toThrow(/debits/)
})

test('nothing is added to a journal later, even if it balances', async () => {
  await expect(
    inOne(
      (tx) =>
        tx.$executeRaw`
      INSERT INTO ledger_posting SELECT max(id), 'more', 5, 0 FROM ledger_journal UNION ALL SELECT max(id), 'less', 0, 5 FROM ledger_journal` as Promise<number>,
    ),
  ).rejects.toThrow(/is of a transaction that is over/)
})

test('nothing is booked in a closed month', async () => {
  await expect(book(10, 10, '2026-10-01')).rejects.toThrow('2026-10 is closed')
})

test.each([
  'ledger_journal',
  'ledger_posting',
  'royalty_statement',
  'royalty_line',
  'royalty_verdict',
  'royalty_credit',
  'royalty_payout',
  'royalty_tally',
])('%s: what was written is never changed', async (table) => {
  const column = table === 'ledger_posting' ? 'account' : table === 'ledger_journal' ? 'memo' : 'month'
  for (const statement of [
    `UPDATE ${table} SET ${column} = ${column}`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table} CASCADE`,
  ])
    await expect(house.db.$executeRawUnsafe(statement)).rejects.toThrow(/what was booked stays/)
})

test('nothing is added to a statement that is written', async () => {
  await expect(
    inOne(
      (tx) =>
        tx.$executeRaw`
      INSERT INTO royalty_payout VALUES ('2026-10-01', 0, 'holder_unclaimed2', 1, 1)` as Promise<number>,
    ),
  ).rejects.toThrow()
  await expect(
    inOne(
      (tx) =>
        tx.$executeRaw`
      INSERT INTO royalty_tally VALUES ('2026-10-01', 0, 'artist_x', '', 1)` as Promise<number>,
    ),
  ).rejects.toThrow(/for a statement that is written/)
})

test('a statement whose payouts are not its pool is not written', async () => {
  await expect(
    inOne(async (tx) => {
      await tx.$executeRaw`INSERT INTO royalty_close VALUES ('2026-09-01', 'USD', 100, 0, now())`
      await tx.$executeRaw`INSERT INTO royalty_payout VALUES ('2026-09-01', 0, 'holder_unclaimed', 0, 99)`
      await tx.$executeRaw`
        INSERT INTO royalty_statement VALUES ('2026-09-01', 0, '2026-09-01', 'USD', 100, 100, '{}', 0, 0, 0, now())`
    }),
  ).rejects.toThrow(/of the pool of/)
})
