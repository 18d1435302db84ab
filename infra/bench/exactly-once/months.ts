import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Account } from '../../simulate/account.ts'
import { compare } from '../../simulate/check.ts'
import type { House } from '../../simulate/house.ts'
import type { PlayedOut } from '../../simulate/play-out.ts'
import { judge, type Verdict } from '../../simulate/verdicts.ts'
import { type Json, list } from '../../testing/client.ts'

/** What a closed month came to. */
export interface ClosedMonth {
  month: string
  billed: number
  rejected: number
  poolMicros: number
  differences: string[]
}

const HOUR_MS = 3_600_000
const UNDER_WAY = new Set(['QUEUED', 'RUNNING'])
/** An odd amount, so that it does not divide. */
const REVENUE_MICROS = 1_234_567_891
const CLOSE = `mutation Close($input: RoyaltyMonthCloseInput!) { royaltyMonthClose(input: $input) {
  statement { month poolMicros billableStreams payouts(first: 100) { totalCount } } state userErrors { code message } } }`

/** Closes each month of the plays a day after it is over, and holds verdicts, payouts and ledger against what was done. */
export async function closeMonths(house: House, { plays, reader }: PlayedOut): Promise<ClosedMonth[]> {
  const verdicts = judge(plays)
  const months = [...new Set(plays.map(({ startedAt }) => monthOf(startedAt)))].sort()
  const closed: ClosedMonth[] = []
  for (const month of months) {
    const [year = 0, number = 0] = month.split('-').map(Number)
    await house.goOn({ base: Date.UTC(year, number, 1) + 25 * HOUR_MS, since: Date.now(), speed: 1 })
    const input = { month, currency: 'USD', revenueMicros: REVENUE_MICROS, keptPercent: 30 }
    const answer = await close(reader, input)
    const refused = list(answer?.['userErrors']).map(
      (error) => `${month} is not closed: ${String(error['message'])}`,
    )
    const own = plays.filter(({ startedAt }) => monthOf(startedAt) === month)
    const wanted = own.map(({ playbackId }) => [playbackId, verdicts.get(playbackId) ?? 'BILLED'] as const)
    const billed = wanted.filter(([, verdict]) => verdict === 'BILLED').length
    const poolMicros = Number(answer?.['statement']?.['poolMicros'])
    closed.push({
      month,
      billed,
      rejected: own.length - billed,
      poolMicros,
      differences: [
        ...refused,
        ...compare(
          `streams billed in`,
          { [month]: Number(answer?.['statement']?.['billableStreams']) },
          { [month]: billed },
        ),
        ...(await compareVerdicts(house.db, month, new Map(wanted))),
        ...(await checkMoney(house.db, month, poolMicros)),
      ],
    })
  }
  return closed
}

/** A month takes longer than an answer may: who asks again with the same hears how it ended. */
async function close(admin: Account, input: object): Promise<Json | undefined> {
  for (;;) {
    const answer = (await admin.ask(CLOSE, { input }))['royaltyMonthClose']
    if (!UNDER_WAY.has(String(answer?.['state']))) return answer
    await sleep(1_000)
  }
}

async function compareVerdicts(
  db: pg.Pool,
  month: string,
  wanted: ReadonlyMap<string, Verdict>,
): Promise<string[]> {
  const { rows } = await db.query<{ id: string; verdict: string }>(
    `SELECT playback_id AS id, coalesce(reason, 'BILLED') AS verdict FROM playback.royalty_verdict
      WHERE month = $1::date AND correction = 0`,
    [`${month}-01`],
  )
  const seen = new Map(rows.map(({ id, verdict }) => [id, verdict]))
  return [...new Set([...seen.keys(), ...wanted.keys()])].flatMap((id) =>
    seen.get(id) === wanted.get(id) ? [] : [`verdict on ${id}: ${seen.get(id)}, not ${wanted.get(id)}`],
  )
}

/** Payouts are the pool, and debits the credits, to the unit. */
async function checkMoney(db: pg.Pool, month: string, poolMicros: number): Promise<string[]> {
  const { rows } = await db.query<{ paid: string; balance: string; unbalanced: number }>(
    `SELECT (SELECT sum(amount_micros) FROM playback.royalty_payout WHERE month = $1::date AND correction = 0)::text AS paid,
            (SELECT sum(debit_micros) - sum(credit_micros) FROM playback.ledger_posting)::text AS balance,
            (SELECT count(*) FROM (SELECT FROM playback.ledger_posting GROUP BY journal_id
                                    HAVING sum(debit_micros) <> sum(credit_micros)) AS journal)::int AS unbalanced`,
    [`${month}-01`],
  )
  const { paid, balance, unbalanced } = rows[0] ?? { paid: null, balance: null, unbalanced: 0 }
  return compare(
    `of ${month}:`,
    {
      'micros paid out': Number(paid),
      'debits less credits': Number(balance),
      'journals out of balance': unbalanced,
    },
    { 'micros paid out': poolMicros, 'debits less credits': 0, 'journals out of balance': 0 },
  )
}

function monthOf(startedAt: number): string {
  return new Date(startedAt).toISOString().slice(0, 7)
}
