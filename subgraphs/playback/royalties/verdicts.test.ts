import { type Sql, sqltag as sql } from '@prisma/client/runtime/client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { roomAdapter } from '#shared/database.ts'
import { derivedId } from '#shared/id.ts'
import { createTestDatabase, type TestDatabase } from '#shared/testing/database.ts'
import { ROYALTY_TERMS } from '../config.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { type NewPlay, writePlays } from '../testing/plays.ts'
import { readMonth } from './month.ts'
import { royaltyTerms } from './terms.ts'
import { verdictsOn } from './verdicts.ts'

let database: TestDatabase
let db: PrismaClient

beforeAll(async () => {
  database = await createTestDatabase()
  db = new PrismaClient({ adapter: roomAdapter(database.url, 'playback', 2) })
})
beforeEach(async () => {
  await db.$executeRaw`TRUNCATE play`
})
afterAll(async () => {
  await db.$disconnect()
  await database[Symbol.asyncDispose]()
})

const MONTH = readMonth('2026-10')
const NOON = Date.parse('2026-10-15T12:00:00Z')
const [ANN, BO] = [derivedId('user', 'ann'), derivedId('user', 'bo')]
const [SONG, OTHER] = [derivedId('track', 'song'), derivedId('track', 'other')]
const MINUTE = 60_000
const WINDOW = ROYALTY_TERMS.repeatWindowMs

/** A play so many ms after noon in the middle of the month, heard long enough. */
const at = (ms: number, play: Partial<NewPlay> = {}): NewPlay => ({
  playbackId: `p${ms}-${play.userId ?? ANN}-${play.trackId ?? SONG}`,
  startedAt: new Date(NOON + ms),
  userId: ANN,
  trackId: SONG,
  ...play,
})

/** What becomes of these plays, in the order of their time. */
async function judge(...plays: NewPlay[]): Promise<string[]> {
  await writePlays(db, plays)
  const rows = await db.$queryRaw<{ reason: string | null }[]>`
    SELECT reason FROM (${verdictsOn({ terms: ROYALTY_TERMS, from: MONTH.from, to: MONTH.to })}) AS verdict
     ORDER BY started_at, playback_id`
  return rows.map(({ reason }) => reason ?? 'BILLED')
}
const tally = (verdicts: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(verdicts)].map((one) => [one, verdicts.filter((it) => it === one).length]))

test('30,000 ms are billed, 29,999 are not, and a preview never is', async () => {
  const heard = await judge(
    at(0, { heardMs: 29_999 }),
    at(1, { heardMs: 30_000 }),
    at(2, { trackId: OTHER, heardMs: 30_000, presentation: 'PREVIEW' }),
  )

  expect(heard).toEqual(['UNDER_30_SECONDS', 'BILLED', 'PREVIEW'])
})

describe('the repeat window', () => {
  test('ends to the millisecond', async () => {
    expect(await judge(at(0), at(WINDOW - 1))).toEqual(['BILLED', 'REPEAT'])
    await db.$executeRaw`TRUNCATE play`
    expect(await judge(at(0), at(WINDOW))).toEqual(['BILLED', 'BILLED'])
  })

  test('is counted from the last play that was billed, not from the last one', async () => {
    const every4 = [0, 4, 8, 12, 16, 20, 24].map((minutes) => at(minutes * MINUTE))

    expect(await judge(...every4)).toEqual([
      'BILLED',
      'REPEAT',
      'REPEAT',
      'BILLED',
      'REPEAT',
      'REPEAT',
      'BILLED',
    ])
  })

  test('is opened by nothing that was not billed', async () => {
    expect(await judge(at(0, { heardMs: 29_999 }), at(1), at(WINDOW))).toEqual([
      'UNDER_30_SECONDS',
      'BILLED',
      'REPEAT',
    ])
  })

  test('is of one listener and one track', async () => {
    expect(await judge(at(0), at(1, { userId: BO }), at(2, { trackId: OTHER }))).toEqual([
      'BILLED',
      'BILLED',
      'BILLED',
    ])
  })

  test('of two plays in the same millisecond one is billed', async () => {
    expect(await judge(at(0, { playbackId: 'a' }), at(0, { playbackId: 'b' }))).toEqual(['BILLED', 'REPEAT'])
  })

  test('reaches over midnight into the month', async () => {
    const before = MONTH.from.getTime() - NOON

    expect(await judge(at(before - 1), at(before + WINDOW - 2))).toEqual(['REPEAT'])
    await db.$executeRaw`TRUNCATE play`
    expect(await judge(at(before - 1), at(before + WINDOW - 1))).toEqual(['BILLED'])
  })
})

test('a track is a loop with more plays in a day than a loop has, all of them', async () => {
  const most = ROYALTY_TERMS.loopPlaysPerDay
  const plays = Array.from({ length: most }, (_, index) => at(index * 6 * MINUTE - 11 * 60 * MINUTE))

  expect(tally(await judge(...plays))).toEqual({ BILLED: most / 2, REPEAT: most / 2 })
  expect(tally(await judge(at(11 * 60 * MINUTE)))).toEqual({ BOT_LOOP: most + 1 })
})

test('nobody listens for more than the hours of a day that are allowed', async () => {
  const tracks = Array.from({ length: 20 }, (_, hour) => derivedId('track', `hour ${hour}`))
  const plays = tracks.map((trackId, hour) =>
    at((hour - 12) * 60 * MINUTE, { trackId, heardMs: 60 * MINUTE }),
  )

  expect(tally(await judge(...plays))).toEqual({ BILLED: 20 })
  expect(tally(await judge(at(9 * 60 * MINUTE, { heardMs: 30_000 })))).toEqual({ BOT_HOURS: 21 })
})

test('a device has no more listeners in a day than people share one', async () => {
  const most = ROYALTY_TERMS.listenersPerDevice
  const by = (index: number, ms = index): NewPlay =>
    at(ms, { userId: derivedId('user', `listener ${index}`), deviceId: derivedId('device', 'shared') })
  const plays = Array.from({ length: most }, (_, index) => by(index))

  expect(tally(await judge(...plays))).toEqual({ BILLED: most })
  expect(tally(await judge(by(most, 24 * 60 * MINUTE)))).toEqual({ BILLED: most + 1 }) // on the next day
  expect(tally(await judge(by(most)))).toEqual({ BOT_SHARED_DEVICE: most + 1, BILLED: 1 })
})

test('plays that are judged for themselves are judged as among all', async () => {
  const plays = Array.from({ length: 400 }, (_, index) =>
    at((index % 97) * 3 * MINUTE, {
      playbackId: `p${index}`,
      userId: derivedId('user', `listener ${index % 7}`),
      trackId: derivedId('track', `track ${index % 3}`),
      deviceId: derivedId('device', `device ${index % 7 === 0 ? 'own' : index % 2}`),
      heardMs: 29_999 + (index % 4),
    }),
  )
  await writePlays(db, plays)
  const judged = async (scope?: Sql) =>
    db.$queryRaw<{ playback_id: string; reason: string | null }[]>`
      SELECT playback_id, reason FROM (${verdictsOn({ terms, from: MONTH.from, to: MONTH.to, ...(scope && { scope }) })}) AS verdict
       WHERE playable_id = ${OF} ORDER BY playback_id`
  const OF = derivedId('track', 'track 1')
  const terms = { ...ROYALTY_TERMS, listenersPerDevice: 3, loopPlaysPerDay: 17 }

  const alone = await judged(sql`play.playable_id = ${OF}`)

  expect(alone).toEqual(await judged())
  expect(new Set(alone.map(({ reason }) => reason)).size).toBeGreaterThan(3)
})

test('terms under which a repeat window could reach back for ever are none', () => {
  expect(royaltyTerms.safeParse(ROYALTY_TERMS).success).toBe(true)
  expect(royaltyTerms.safeParse({ ...ROYALTY_TERMS, loopPlaysPerDay: 142 }).success).toBe(true)
  expect(royaltyTerms.safeParse({ ...ROYALTY_TERMS, loopPlaysPerDay: 143 }).success).toBe(false)
})
