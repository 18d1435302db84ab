import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { ADMIN, openTestBooks, type TestBooks } from '../testing/books.ts'
import { type NewPlay, writePlays } from '../testing/plays.ts'
import { agreementSchema, setRights } from './rights.ts'

let house: TestBooks

beforeAll(async () => {
  house = await openTestBooks()
})
afterAll(() => house[Symbol.asyncDispose]())

const RUNS = 12
const DAY_MS = 24 * 3_600_000
const seed = Number(process.hrtime.bigint() % 1_000_000_007n)

/** A play somewhere in the first hours of a month, so that windows, loops and shared devices come up. */
const somePlay = fc.record({
  ms: fc.oneof(fc.integer({ min: 0, max: 3 * 3_600_000 }), fc.integer({ min: 0, max: 27 * DAY_MS })),
  listener: fc.integer({ min: 0, max: 8 }),
  track: fc.integer({ min: 0, max: 5 }),
  device: fc.integer({ min: 0, max: 3 }),
  tier: fc.constantFrom('PREMIUM' as const, 'FREE' as const),
  heardMs: fc.constantFrom(0, 29_999, 30_000, 31_000, 200_000, 3_600_000),
  presentation: fc.constantFrom('FULL' as const, 'FULL' as const, 'FULL' as const, 'PREVIEW' as const),
})

/** Shares that add up, of up to five holders. */
const someShares = fc
  .uniqueArray(fc.integer({ min: 1, max: 9_999 }), { maxLength: 4 })
  .map((cuts) => [0, ...cuts.sort((one, other) => one - other), 10_000])
  .map((cuts) =>
    cuts.slice(1).map((cut, index) => ({
      ...{ holderKey: `holder ${index}`, name: `Holder ${index}`, role: 'LABEL' as const },
      basisPoints: cut - (cuts[index] ?? 0),
    })),
  )

const someMonth = fc.record({
  plays: fc.array(somePlay, { maxLength: 150 }),
  /** By track; where there is none the track is its artists'. */
  rights: fc.array(fc.option(fc.record({ shares: someShares, day: fc.integer({ min: 1, max: 28 }) })), {
    maxLength: 6,
  }),
  revenueMicros: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.maxSafeNat()),
  keptBasisPoints: fc.integer({ min: 0, max: 10_000 }),
})

test(`the pool is paid to the unit, and neither order, repeats nor lateness of plays matter (seed ${seed})`, {
  timeout: 120_000,
}, async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      someMonth,
      fc.integer(),
      async ({ plays, rights, revenueMicros, keptBasisPoints }, salt) => {
        // What is closed stays, so every run has three months of its own, with others between them.
        const year = 2001 + run++
        const [one, other, late] = [`${year}-03`, `${year}-07`, `${year}-11`]
        await setAll(rights, run, [one, other, late])
        const inOrder = plays.map((play, index) => playIn(one, play, index, run))
        const shuffled = plays
          .map((play, index) => playIn(other, play, index, run))
          .sort((a, b) => hash(`${salt} ${a.playbackId}`).localeCompare(hash(`${salt} ${b.playbackId}`)))
        await writePlays(house.db, inOrder)
        for (const play of shuffled) await writePlays(house.db, [play])
        await writePlays(house.db, shuffled.slice(0, 5))

        const lateOnes = plays.map((play, index) => playIn(late, play, index, run))
        const isLate = ({ playbackId }: NewPlay): boolean => hash(`${salt} late ${playbackId}`) < 'V'
        await writePlays(
          house.db,
          lateOnes.filter((play) => !isLate(play)),
        )

        const figures = { revenueMicros, keptPercent: keptBasisPoints / 100 }
        const { statement } = await house.close(one, figures)
        await house.close(other, figures)
        await house.close(late, figures)
        await writePlays(house.db, lateOnes)
        await house.books.correct(ADMIN, late)

        const paid = await house.payouts(one)
        expect(paid.reduce((sum, { amount }) => sum + BigInt(amount), 0n)).toBe(statement?.poolMicros)
        expect(await misdivided(one, statement?.poolMicros ?? 0n)).toEqual([])
        expect(await house.payouts(other)).toEqual(paid)
        expect(await house.payouts(late)).toEqual(paid)
        for (const month of [one, other, late]) expect(await house.balance(`pool:${month}`)).toBe(0)
        for (const { holderId, amount } of paid)
          expect(await bookedOn(`payable:${holderId}`, late)).toBe(String(amount))
      },
    ),
    { seed, numRuns: RUNS, interruptAfterTimeLimit: 100_000 },
  )
  const [ledger] = await house.db.$queryRaw<{ difference: string }[]>`
      SELECT coalesce(sum(debit_micros) - sum(credit_micros), 0)::text AS difference FROM ledger_posting`
  expect(ledger?.difference).toBe('0')
})

type SomePlay = typeof somePlay extends fc.Arbitrary<infer Play> ? Play : never
type SomeRights =
  typeof someMonth extends fc.Arbitrary<infer Month extends { rights: unknown }> ? Month['rights'] : never

function playIn(
  month: string,
  { ms, listener, track, device, ...play }: SomePlay,
  index: number,
  run: number,
): NewPlay {
  const first = track % 3
  return {
    ...play,
    playbackId: `play ${month.slice(0, 4)} ${month} ${index}`,
    startedAt: new Date(Date.parse(`${month}-01T00:00:00Z`) + ms),
    userId: derivedId('user', `listener ${listener}`),
    trackId: derivedId('track', `run ${run} track ${track}`),
    artistIds: [first, ...(track % 2 === 0 ? [first + 1] : [])].map((artist) =>
      derivedId('artist', `artist ${artist}`),
    ),
    deviceId: derivedId('device', `device ${device}`),
  }
}

async function setAll(rights: SomeRights, run: number, months: readonly string[]): Promise<void> {
  for (const [index, agreement] of rights.entries()) {
    if (agreement === null) continue
    for (const month of months) {
      const from = `${month}-${String(agreement.day).padStart(2, '0')}`
      const until = `${month}-28`
      if (from >= until) continue
      const trackId = derivedId('track', `run ${run} track ${index}`)
      const said = agreementSchema.parse({ trackId, from, until, shares: agreement.shares })
      await house.db.$transaction((tx) => setRights(tx, said))
    }
  }
}

/** The lines of a month whose amount is a whole unit or more from what their weight says. */
async function misdivided(month: string, poolMicros: bigint): Promise<unknown[]> {
  const lines = await house.db.$queryRaw<{ line: number; weight: bigint; amount: bigint }[]>`
    SELECT line, weight, amount_micros AS amount FROM royalty_line WHERE month = ${`${month}-01`}::date`
  const whole = lines.reduce((sum, { weight }) => sum + weight, 0n)
  return lines.filter(({ weight, amount }) => {
    const off = amount * whole - poolMicros * weight
    return off <= -whole || off >= whole
  })
}

/** What the journals of a month, its corrections among them, come to on an account. */
async function bookedOn(account: string, month: string): Promise<string | undefined> {
  const [row] = await house.db.$queryRaw<{ amount: string }[]>`
    SELECT coalesce(sum(credit_micros) - sum(debit_micros), 0)::text AS amount FROM ledger_posting JOIN ledger_journal ON id = journal_id
     WHERE account = ${account} AND month = ${`${month}-01`}::date`
  return row?.amount
}

function hash(text: string): string {
  return derivedId('hash', text).slice('hash_'.length)
}
