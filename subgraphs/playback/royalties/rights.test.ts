import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SqlExecutor } from '#shared/database.ts'
import { derivedId } from '#shared/id.ts'
import { openTestBooks, type TestBooks } from '../testing/books.ts'
import { writePlays } from '../testing/plays.ts'
import { type Agreement, agreementSchema, holderIdOf, setRights } from './rights.ts'

let house: TestBooks

beforeAll(async () => {
  house = await openTestBooks()
})
afterAll(() => house[Symbol.asyncDispose]())

const IDA = derivedId('artist', 'ida')
const track = (name: string): string => derivedId('track', name)
const agree = (agreement: Agreement): Promise<string> =>
  house.db.$transaction((tx) => setRights(tx, agreementSchema.parse(agreement)))

/** Who has how much of a recording or a work, and when: `from..until holder=points`. */
async function rightsOf(subjectId: string): Promise<string[]> {
  const rows = await house.db.$queryRaw<{ line: string }[]>`
    SELECT concat(lower(valid), '..', upper(valid), ' ',
                  (SELECT string_agg(name || '=' || basis_points, ' ' ORDER BY name) FROM rights_share
                     JOIN rights_holder ON rights_holder.id = holder_id WHERE agreement_id = rights_agreement.id)) AS line
      FROM rights_agreement WHERE subject_id = ${subjectId} ORDER BY valid`
  return rows.map(({ line }) => line)
}
const label = (basisPoints: number) => ({
  holderKey: 'label-1',
  name: 'Label',
  role: 'LABEL' as const,
  basisPoints,
})
const artist = (basisPoints: number) => ({ holderKey: IDA, name: 'Ida', basisPoints })

describe('an agreement', () => {
  test('replaces what was said of its days, and nothing of the days around', async () => {
    const trackId = track('cut')
    await agree({ trackId, shares: [artist(10_000)] })
    await agree({ trackId, from: '2026-03-01', until: '2026-06-01', shares: [artist(4_000), label(6_000)] })

    expect(await rightsOf(trackId)).toEqual([
      `..2026-03-01 Ida=10000`,
      `2026-03-01..2026-06-01 Ida=4000 Label=6000`,
      `2026-06-01.. Ida=10000`,
    ])
    await agree({ trackId, from: '2026-05-01', shares: [label(10_000)] })
    expect(await rightsOf(trackId)).toEqual([
      `..2026-03-01 Ida=10000`,
      `2026-03-01..2026-05-01 Ida=4000 Label=6000`,
      '2026-05-01.. Label=10000',
    ])
    await agree({ trackId, shares: [label(10_000)] })
    expect(await rightsOf(trackId)).toEqual(['.. Label=10000'])
  })

  test('divides what is played on its days, each side by its own shares', async () => {
    const trackId = track('both sides')
    await agree({ trackId, until: '2026-05-16', shares: [artist(10_000)] })
    await agree({ trackId, from: '2026-05-16', shares: [artist(2_500), label(7_500)] })
    await agree({
      ...{ trackId, workKey: 'T-034.524.680-1', workTitle: 'Both sides' },
      shares: [{ holderKey: 'IPI 1', name: 'Sol', role: 'SONGWRITER', basisPoints: 10_000 }],
    })
    await writePlays(
      house.db,
      [15, 16].map((day) => ({
        ...{ playbackId: `p${day}`, userId: 'user_1', trackId, artistIds: [IDA] },
        startedAt: new Date(`2026-05-${day}T${day === 15 ? '23:59:59.999' : '00:10:00'}Z`),
      })),
    )

    await house.close('2026-05', { revenueMicros: 2_000, keptPercent: 0 })

    expect(await house.payouts('2026-05')).toEqual([
      { holderId: holderIdOf(IDA), streams: 2, amount: 800 + 200 },
      { holderId: holderIdOf('label-1'), streams: 1, amount: 600 },
      { holderId: holderIdOf('IPI 1'), streams: 2, amount: 400 },
    ])
  })

  test('that does not add up, or says nothing that can be, changes nothing', async () => {
    const trackId = track('wrong')
    const faults = (agreement: object): unknown =>
      agreementSchema.safeParse({ trackId, shares: [label(10_000)], ...agreement }).error?.issues[0]?.path[0]

    expect(faults({})).toBeUndefined()
    expect(faults({ shares: [label(9_999)] })).toBe('shares')
    expect(faults({ shares: [label(5_000), label(5_000)] })).toBe('shares')
    expect(faults({ shares: [] })).toBe('shares')
    expect(faults({ trackId: null })).toBe('trackId')
    expect(faults({ trackId: IDA })).toBe('trackId')
    expect(faults({ from: '2026-02-30' })).toBe('from')
    expect(faults({ from: '2026-03-01', until: '2026-03-01' })).toBe('until')
    await expect(agree({ trackId, shares: [{ holderKey: 'nobody', basisPoints: 10_000 }] })).rejects.toThrow(
      'Nobody is known by nobody yet',
    )
    expect(await rightsOf(trackId)).toEqual([])
  })
})

describe('the tables themselves', () => {
  const inOne = (work: (tx: SqlExecutor) => Promise<unknown>) =>
    house.db.$transaction(async (tx) => {
      await work(tx)
      await tx.$executeRaw`SET CONSTRAINTS ALL IMMEDIATE` // PostgreSQL says what is wrong before the end, not at it
    })
  const insert = (valid: string, points: number, subject = 'track_x') =>
    inOne(async (tx) => {
      const id = `${subject} ${valid} ${points}`
      await tx.$executeRaw`INSERT INTO rights_agreement VALUES (${id}, 'RECORDING', ${subject}, ${valid}::daterange)`
      await tx.$executeRaw`INSERT INTO rights_share VALUES (${id}, 'holder_unclaimed', ${points})`
    })

  test('hold shares that add up to 10,000, when the transaction ends', async () => {
    await expect(insert('[2026-01-01,2026-02-01)', 9_999)).rejects.toThrow(/add up to 9999, not to 10000/)
    await insert('[2026-01-01,2026-02-01)', 10_000)
    for (const statement of [
      "UPDATE rights_share SET basis_points = 9999 WHERE agreement_id LIKE 'track_x%'",
      "DELETE FROM rights_share WHERE agreement_id LIKE 'track_x%'",
      "INSERT INTO rights_agreement VALUES ('empty', 'RECORDING', 'track_y', '[2026-01-01,)')",
    ])
      await expect(house.db.$executeRawUnsafe(statement)).rejects.toThrow(/add up to|CheckViolation|23514/)
  })

  test('hold one agreement a day', async () => {
    await insert('[2026-03-01,2026-04-01)', 10_000)
    await expect(insert('[2026-03-31,2026-05-01)', 10_000)).rejects.toThrow(/rights_agreement_overlap/)
    await insert('[2026-04-01,2026-05-01)', 10_000)
  })
})
