import type { Logger } from 'pino'
import { payload, Refusal, type UserError } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { type MonthCloseInput, readCloseInput, requestClose } from './close-request.ts'
import { closeMonth, correctMonth } from './closing.ts'
import { type Month, monthNamed } from './month.ts'
import { readStatement, type Statement } from './statement.ts'
import type { RoyaltyTerms } from './terms.ts'

export interface MonthClosePayload {
  /** Null while it is still being computed. */
  statement: Statement | null
  state: 'RUNNING' | 'DONE' | 'FAILED'
  userErrors: UserError[]
}

/** Closes months and corrects them, for ADMIN alone. */
export interface RoyaltyBooks {
  /**
   * May be repeated: the same input has the same statement. Other figures for the month, or another currency than the first close's, are
   * a CONFLICT.
   */
  close(identity: Identity, input: MonthCloseInput): Promise<MonthClosePayload>
  /** Books what came after the close; the statement is the newest. */
  correct(identity: Identity, month: string): Promise<MonthClosePayload>
  start(): void
  stop(): Promise<void>
  /** Resolves when every close that was asked for is done, by whichever process. */
  settled(): Promise<void>
}

export interface RoyaltyBooksOptions {
  db: PrismaClient
  terms: RoyaltyTerms
  now(): number
  logger: Logger
}

/** The door waits two seconds for a room. */
const ANSWER_WITHIN_MS = 1_200
const LOOK_EVERY_MS = 15_000

/** Plays may come so long after their month: offline for 31 days, and a day for the clocks. Then a month is corrected no more by itself. */
const LATE_DAYS = 32

export function createRoyaltyBooks({ db, terms, now, logger }: RoyaltyBooksOptions): RoyaltyBooks {
  const running = new Map<string, Promise<void>>()
  let timer: NodeJS.Timeout | null = null
  let isStopping = false

  /** One at a time for each month of this process; other processes wait for the lock. */
  function once(key: string, work: () => Promise<void>): Promise<void> {
    const known = running.get(key)
    if (known !== undefined) return known
    const job = work().finally(() => running.delete(key))
    running.set(key, job)
    return job
  }

  /** What came late for the months before goes into the books first. */
  const close = (month: Month): Promise<void> =>
    once(`close ${month.name}`, async () => {
      for (const earlier of await stillCorrected(month)) await correctMonth(db, earlier, now())
      await closeMonth(db, month, terms, now())
    })

  async function stillCorrected(month: Month): Promise<Month[]> {
    const rows = await db.$queryRaw<{ name: string }[]>`
      SELECT to_char(month, 'YYYY-MM') AS name FROM royalty_statement WHERE month < ${month.day}::date
       GROUP BY month HAVING max(at) < (month + INTERVAL '1 month') AT TIME ZONE 'UTC' + ${LATE_DAYS} * INTERVAL '1 day'
       ORDER BY month`
    return rows.flatMap(({ name }) => monthNamed(name) ?? [])
  }

  async function resume(): Promise<void> {
    const rows = await db.$queryRaw<{ name: string }[]>`
      SELECT to_char(month, 'YYYY-MM') AS name FROM royalty_close
       WHERE NOT EXISTS (SELECT FROM royalty_statement WHERE royalty_statement.month = royalty_close.month) ORDER BY month`
    for (const { name } of rows) {
      const month = monthNamed(name)
      if (month !== null && !isStopping) await close(month)
    }
  }

  const tick = (): void => {
    resume().catch((error: unknown) =>
      logger.error({ err: error }, 'a month could not be closed, tried again'),
    )
  }

  async function answer(month: Month, job: Promise<void>): Promise<Omit<MonthClosePayload, 'userErrors'>> {
    const late = new Promise<'RUNNING'>((done) => setTimeout(done, ANSWER_WITHIN_MS, 'RUNNING').unref())
    const end = job.then(
      () => 'DONE' as const,
      (error: unknown) => {
        logger.error({ err: error, month: month.name }, 'a month could not be computed')
        return 'FAILED' as const
      },
    )
    const state = await Promise.race([end, late])
    return { statement: state === 'DONE' ? await readStatement(db, month) : null, state }
  }

  return {
    close: (identity, input) =>
      payload({ statement: null, state: 'FAILED' as const }, async () => {
        requireAdmin(identity)
        const request = readCloseInput(input, now())
        await requestClose(db, request, new Date(now()))
        const { statement, state } = await answer(request.month, close(request.month))
        // The statement of the close, whatever was corrected since.
        return { statement: statement && (await readStatement(db, request.month, 0)), state }
      }),
    correct: (identity, name) =>
      payload({ statement: null, state: 'FAILED' as const }, async () => {
        requireAdmin(identity)
        const month = monthNamed(name)
        if (month === null) throw new Refusal('BAD_USER_INPUT', 'A month is written YYYY-MM', ['month'])
        if ((await readStatement(db, month)) === null)
          throw new Refusal('NOT_FOUND', `${name} is not closed`, ['month'])
        return answer(
          month,
          once(`correct ${name}`, async () => void (await correctMonth(db, month, now()))),
        )
      }),
    start() {
      isStopping = false
      timer = setInterval(tick, LOOK_EVERY_MS).unref()
      tick()
    },
    async stop() {
      isStopping = true
      if (timer !== null) clearInterval(timer)
      await Promise.allSettled(running.values())
    },
    settled: resume,
  }
}

export function requireAdmin(identity: Identity): void {
  if (requireUser(identity).role !== 'ADMIN')
    throw new Refusal('FORBIDDEN', 'Only an administrator keeps the books')
}
