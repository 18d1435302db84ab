import pino from 'pino'
import { roomAdapter } from '#shared/database.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import { createTestDatabase } from '#shared/testing/database.ts'
import { ROYALTY_TERMS } from '../config.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { readMonth } from '../royalties/month.ts'
import { createRoyaltyBooks, type MonthClosePayload, type RoyaltyBooks } from '../royalties/royalty-books.ts'

export const ADMIN: Identity = { ...anonymous('US'), userId: 'user_admin', role: 'ADMIN' }

/** The books of the room over a real, empty database, without the room; the clock is long after every month of a test. */
export interface TestBooks extends AsyncDisposable {
  db: PrismaClient
  url: string
  clock: { now: number }
  books: RoyaltyBooks
  close(month: string, figures?: Partial<Figures>): Promise<MonthClosePayload>
  /** What each holder is owed by the newest statement of a month, or by the one asked for, most first. */
  payouts(
    month: string,
    correction?: number,
  ): Promise<{ holderId: string; streams: number; amount: number }[]>
  /** What is on an account by the ledger: credits less debits. */
  balance(account: string): Promise<number>
}

export interface Figures {
  currency: string
  revenueMicros: number
  keptPercent: number
}

export async function openTestBooks(): Promise<TestBooks> {
  const database = await createTestDatabase()
  const db = new PrismaClient({ adapter: roomAdapter(database.url, 'playback', 4) })
  const clock = { now: Date.parse('2026-11-21T12:00:00Z') }
  const logger = pino({ level: 'silent' })
  const books = createRoyaltyBooks({ db, terms: ROYALTY_TERMS, now: () => clock.now, logger })
  return {
    ...{ db, url: database.url, clock, books },
    async close(month, figures = {}) {
      const input = { month, currency: 'USD', revenueMicros: 1_000_000_000, keptPercent: 30, ...figures }
      let answer = await books.close(ADMIN, input)
      while (answer.state === 'RUNNING') answer = await books.close(ADMIN, input)
      return answer
    },
    payouts: (month, correction) =>
      db.$queryRaw`
        SELECT holder_id AS "holderId", streams, amount_micros::float8 AS amount FROM royalty_payout
         WHERE month = ${readMonth(month).day}::date
           AND correction = coalesce(${correction ?? null}::int,
                                     (SELECT max(correction) FROM royalty_statement WHERE month = ${readMonth(month).day}::date))
         ORDER BY amount_micros DESC, holder_id`,
    async balance(account) {
      const [row] = await db.$queryRaw<{ balance: number }[]>`
        SELECT coalesce(sum(credit_micros) - sum(debit_micros), 0)::float8 AS balance FROM ledger_posting WHERE account = ${account}`
      return row?.balance ?? 0
    },
    async [Symbol.asyncDispose]() {
      await books.stop()
      await db.$disconnect()
      await database[Symbol.asyncDispose]()
    },
  }
}
