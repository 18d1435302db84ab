import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { anonymous } from '#shared/identity.ts'
import { ROYALTY_TERMS } from '../config.ts'
import { ADMIN, openTestBooks, type TestBooks } from '../testing/books.ts'
import { type NewPlay, writePlays } from '../testing/plays.ts'
import { closeMonth } from './closing.ts'
import { keepVerdicts } from './kept-verdicts.ts'
import { readMonth } from './month.ts'

let house: TestBooks

beforeAll(async () => {
  house = await openTestBooks()
})
afterAll(() => house[Symbol.asyncDispose]())

const ids = (prefix: string, ...keys: string[]): string[] => keys.map((key) => derivedId(prefix, key))
const [ANN, BO, CY] = ids('user', 'ann', 'bo', 'cy') as [string, string, string]
const [SONG, DUET] = ids('track', 'song', 'duet') as [string, string]
const [IDA, JO] = ids('artist', 'ida', 'jo') as [string, string]
const holder = (artistId: string): string => artistId.replace('artist_', 'holder_')

/** Plays of a month: SONG is Ida's, DUET is of both; three listeners, one of them FREE. */
const playsOf = (month: string): NewPlay[] => {
  const at = (day: number, play: Partial<NewPlay>): NewPlay => ({
    playbackId: `${month} ${day} ${play.userId} ${play.trackId}`,
    startedAt: new Date(`${month}-${String(day).padStart(2, '0')}T12:00:00Z`),
    userId: ANN,
    trackId: SONG,
    artistIds: play.trackId === DUET ? [IDA, JO] : [IDA],
    ...play,
  })
  return [
    at(1, { userId: ANN, trackId: SONG }),
    at(2, { userId: BO, trackId: SONG, tier: 'FREE' }),
    at(3, { userId: CY, trackId: DUET }),
    at(4, { userId: CY, trackId: DUET, heardMs: 29_999 }),
  ]
}

describe('a close', () => {
  test('pays the pool to the unit, by the weight of the tiers, and unclaimed shares to a holder of that name', async () => {
    await writePlays(house.db, playsOf('2026-01'))

    const { statement, state, userErrors } = await house.close('2026-01', { revenueMicros: 1_000_003 })

    expect([state, userErrors]).toEqual(['DONE', []])
    expect(statement).toMatchObject({
      ...{ month: '2026-01', poolMicros: 700_002n, streams: 4, billableStreams: 3, weight: 2_250n },
    })
    // SONG weighs 1,250 of 2,250: 388,890; DUET 311,112. A fifth of each is the work's, which nobody claims.
    expect(await house.payouts('2026-01')).toEqual([
      { holderId: holder(IDA), streams: 3, amount: 311_112 + 124_445 },
      { holderId: 'holder_unclaimed', streams: 3, amount: 77_778 + 62_222 },
      { holderId: holder(JO), streams: 1, amount: 124_445 },
    ])
    expect(await house.balance('pool:2026-01')).toBe(0)
    expect(await house.balance('kept')).toBe(300_001)
  })

  test('may be repeated; other figures for the month are a conflict', async () => {
    await writePlays(house.db, playsOf('2026-02'))
    const first = await house.close('2026-02')
    const journals = await house.db.ledgerJournal.count()

    expect(await house.close('2026-02')).toEqual(first)
    expect(await house.close('2026-02', { keptPercent: 29.99 })).toMatchObject({
      statement: null,
      userErrors: [{ code: 'CONFLICT', field: ['month'] }],
    })
    expect(await house.db.ledgerJournal.count()).toBe(journals)
  })

  test('that several ask for at once is one', async () => {
    await writePlays(house.db, playsOf('2026-03'))
    await house.close('2026-02')

    await using other = { ...house, [Symbol.asyncDispose]: async () => undefined }
    const month = readMonth('2026-03')
    const [answer] = await Promise.all([
      house.close('2026-03'),
      other.close('2026-03'),
      ...[1, 2].map(() => closeMonth(house.db, month, ROYALTY_TERMS, house.clock.now)),
    ])

    expect(answer).toMatchObject({ state: 'DONE', statement: { correction: 0 } })
    expect(await house.db.royaltyStatement.count({ where: { month: month.from } })).toBe(1)
    expect(await house.balance('pool:2026-03')).toBe(0)
  })

  test('of a month without plays pays all of it to nobody in particular', async () => {
    expect((await house.close('2025-01')).statement).toMatchObject({
      billableStreams: 0,
      poolMicros: 700_000_000n,
    })
    expect(await house.payouts('2025-01')).toEqual([
      { holderId: 'holder_unclaimed', streams: 0, amount: 700_000_000 },
    ])
  })

  test('of the largest revenue a request can say comes out to the unit', async () => {
    await writePlays(house.db, playsOf('2025-03'))
    const { statement } = await house.close('2025-03', {
      revenueMicros: Number.MAX_SAFE_INTEGER,
      keptPercent: 0,
    })

    expect(statement?.poolMicros).toBe(BigInt(Number.MAX_SAFE_INTEGER))
  })

  test('ended in the middle leaves nothing, and is done by whoever looks next', async () => {
    await writePlays(house.db, playsOf('2026-04'))
    const release = await holdPayouts()
    const asked = house.books.close(ADMIN, { ...FIGURES, month: '2026-04' })
    await expect
      .poll(() => house.db.$queryRawUnsafe(ENDED), { interval: 20, timeout: 15_000 })
      .toEqual([{ ended: true }])
    await asked
    await release()
    const where = { month: readMonth('2026-04').from }

    expect(await house.db.royaltyClose.count({ where })).toBe(1)
    expect([
      await house.db.royaltyVerdict.count({ where }),
      await house.db.ledgerJournal.count({ where }),
    ]).toEqual([0, 0])
    await house.books.settled()
    expect(await house.payouts('2026-04')).toEqual(await house.payouts('2026-01'))
  })

  test('that takes longer than an answer may goes on, and who asks again has its statement', async () => {
    await writePlays(house.db, playsOf('2025-05'))
    const release = await holdPayouts()

    expect(await house.books.close(ADMIN, { ...FIGURES, month: '2025-05' })).toEqual({
      ...{ statement: null, state: 'RUNNING', userErrors: [] },
    })
    await release()
    expect((await house.close('2025-05', FIGURES)).statement).toMatchObject({ billableStreams: 3 })
  })

  test('is for administrators, for months that are over, and for figures that make sense', async () => {
    const input = { month: '2026-10', currency: 'USD', revenueMicros: 1, keptPercent: 30 }
    const codes = async (given: object, identity = ADMIN) =>
      (await house.books.close(identity, { ...input, ...given })).userErrors.map(({ code, field }) => [
        code,
        field?.[0],
      ])

    expect(await codes({}, { ...anonymous('US'), userId: 'user_1' })).toEqual([['FORBIDDEN', undefined]])
    await expect(house.books.close(anonymous('US'), input)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    for (const month of ['2026-13', '2026-1', '26-10', '', '2026-10-01'])
      expect(await codes({ month })).toEqual([['BAD_USER_INPUT', 'month']])
    for (const currency of ['usd', 'US', 'EURO'])
      expect(await codes({ currency })).toEqual([['BAD_USER_INPUT', 'currency']])
    expect(await codes({ revenueMicros: -1 })).toEqual([['BAD_USER_INPUT', 'revenueMicros']])
    for (const keptPercent of [-0.01, 100.01, 30.001, Number.NaN, Number.POSITIVE_INFINITY])
      expect(await codes({ keptPercent })).toEqual([['BAD_USER_INPUT', 'keptPercent']])
    house.clock.now = Date.parse('2026-11-02T00:00:00Z') - 1
    expect(await codes({})).toEqual([['BAD_USER_INPUT', 'month']])
    house.clock.now += 1
    expect(await codes({ keptPercent: 29.35 })).toEqual([])
    expect(await codes({ month: '2025-04', currency: 'EUR' })).toEqual([['CONFLICT', 'currency']])
    expect(await house.db.royaltyClose.count({ where: { currency: 'EUR' } })).toBe(0)
    house.clock.now = Date.parse('2026-11-21T12:00:00Z')
  })
})

describe('a correction', () => {
  test('books what came late, so that in the end it is as if all had come in time', async () => {
    const inTime = playsOf('2026-06')
    const late = inTime.splice(1, 1)
    await writePlays(house.db, inTime)
    const closed = await house.close('2026-06', { revenueMicros: 1_000_003 })
    const first = await house.payouts('2026-06')
    await writePlays(house.db, late)

    const { statement } = await house.books.correct(ADMIN, '2026-06')

    expect(statement).toMatchObject({ correction: 1, billableStreams: 3, poolMicros: 700_002n })
    expect(await house.payouts('2026-06')).toEqual(await house.payouts('2026-01'))
    expect(await house.balance('pool:2026-06')).toBe(0)
    expect(await house.payouts('2026-06', 0)).toEqual(first)
    expect(await house.close('2026-06', { revenueMicros: 1_000_003 })).toEqual(closed)
    const journals = await house.db.ledgerJournal.findMany({
      where: { month: readMonth('2026-06').from, correction: 1 },
    })
    expect(new Set(journals.map(({ period }) => period.toISOString().slice(0, 7)))).toEqual(
      new Set(['2026-11']),
    )
    // Once more there is nothing to correct.
    expect((await house.books.correct(ADMIN, '2026-06')).statement?.correction).toBe(1)
  })

  test('takes back what turned out not to be heard', async () => {
    await writePlays(house.db, playsOf('2026-07'))
    await house.close('2026-07')
    await writePlays(house.db, [{ ...(playsOf('2026-07')[2] as NewPlay), heardMs: 12_000 }])

    await house.books.correct(ADMIN, '2026-07')

    expect((await house.payouts('2026-07')).map(({ holderId }) => holderId)).toEqual([
      holder(IDA),
      'holder_unclaimed',
    ])
    expect(await house.balance('pool:2026-07')).toBe(0)
  })

  test('comes by itself before the next month is closed, as long as plays may be late', async () => {
    await writePlays(house.db, playsOf('2026-09').slice(0, 2))
    house.clock.now = Date.parse('2026-10-05T00:00:00Z')
    await house.close('2026-09')
    await writePlays(house.db, playsOf('2026-09').slice(2))
    house.clock.now = Date.parse('2026-11-21T12:00:00Z')

    await house.close('2026-10', { revenueMicros: 1, keptPercent: 29.35 })

    expect((await house.payouts('2026-09')).map(({ holderId }) => holderId)).toContain(holder(JO))
  })

  test('is only for months that are closed', async () => {
    expect((await house.books.correct(ADMIN, '2024-08')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  })
})

test('the plays of who is erased are billed as they would have been, before a close and after', async () => {
  const bot = (month: string): NewPlay[] => [
    ...playsOf(month),
    ...playsOf(month)
      .slice(0, 2)
      .map((play) => ({
        ...{ ...play, playbackId: `${play.playbackId} again` },
        startedAt: new Date(play.startedAt.getTime() + 60_000),
      })),
  ]
  const erase = (userId: string) =>
    house.db.$transaction(async (tx) => {
      await keepVerdicts(tx, userId, ROYALTY_TERMS)
      await tx.$executeRaw`UPDATE play SET user_id = NULL, device_id = NULL WHERE user_id = ${userId}`
    })
  await writePlays(house.db, bot('2025-09'))
  await house.close('2025-09', { revenueMicros: 1_000_003 })
  await writePlays(house.db, bot('2026-08'))
  await erase(ANN)

  await house.close('2026-08', { revenueMicros: 1_000_003 })
  await erase(BO)

  expect(await house.payouts('2026-08')).toEqual(await house.payouts('2025-09'))
  expect((await house.books.correct(ADMIN, '2026-08')).statement?.correction).toBe(0)
})

test('a repeat over a month’s end stays one when its listener is erased in between', async () => {
  const [play] = playsOf('2024-01') as [NewPlay]
  const userId = 'user of the border'
  const at = (playbackId: string, startedAt: string): NewPlay => ({
    ...{ ...play, userId, playbackId },
    startedAt: new Date(startedAt),
  })
  await writePlays(house.db, [
    at('border 1', '2024-01-31T23:59:00Z'),
    at('border 2', '2024-02-01T00:01:00Z'),
    at('border 3', '2024-02-01T00:09:00Z'),
  ])
  await house.close('2024-01', { revenueMicros: 1_000_003 })

  await house.db.$transaction((tx) => keepVerdicts(tx, userId, ROYALTY_TERMS))

  expect(
    await house.db.$queryRaw`
      SELECT playback_id AS id, reason FROM royalty_kept_verdict WHERE playback_id LIKE 'border%' ORDER BY playback_id`,
  ).toEqual([
    { id: 'border 1', reason: null },
    { id: 'border 2', reason: 'REPEAT' },
    { id: 'border 3', reason: null },
  ])
})

test('all debits of the ledger are its credits', async () => {
  const rows = await house.db.$queryRaw`
    SELECT (sum(debit_micros) - sum(credit_micros))::int AS difference FROM ledger_posting`

  expect(rows).toEqual([{ difference: 0 }])
})

const FIGURES = { currency: 'USD', revenueMicros: 1_000_003, keptPercent: 30 }

/** Holds every close up on its way, until it is released. */
async function holdPayouts(): Promise<() => Promise<void>> {
  const lock = new pg.Client({ connectionString: house.url, options: '-c search_path=playback' })
  await lock.connect()
  await lock.query('BEGIN; LOCK TABLE royalty_payout IN EXCLUSIVE MODE')
  return () => lock.end()
}

/** Ends whoever waits for the table of payouts. */
const ENDED = `
  SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
   WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INTO royalty_payout%' AND pid <> pg_backend_pid()`
