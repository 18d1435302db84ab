import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTestRoom, idOf, type TestPlay } from './testing/recommendations-room.ts'

const TRENDING = 'query ($country: CountryCode) { trending(country: $country, first: 100) { nodes { id } } }'
const COUNTRIES = ['SE', 'US'] as const

test('a play that counts no longer is in no chart, and makes nobody’s taste', async () => {
  await using room = await createTestRoom()
  await room.know([{ name: 'a' }, { name: 'b', popularity: 50 }])
  await room.play([{ track: 'a', playbackId: 'p' }])
  const before = await room.answer(TRENDING)

  await room.play([{ track: 'a', playbackId: 'p', isCounted: false, decision: 1 }])

  expect(before).toEqual({ trending: { nodes: [{ id: idOf('track', 'a') }, { id: idOf('track', 'b') }] } })
  expect(await room.answer(TRENDING)).toEqual({
    trending: { nodes: [{ id: idOf('track', 'b') }, { id: idOf('track', 'a') }] },
  })
  expect(await room.db.$queryRaw`SELECT DISTINCT plays, weight FROM heat_day`).toEqual([
    { plays: 0, weight: 0n },
  ])
})

// A playback is decided about a few times, the other way each time; who tells of it may do so late, twice and in any order.
const playback = fc.record({
  track: fc.integer({ min: 0, max: 7 }),
  country: fc.constantFrom(...COUNTRIES),
  daysAgo: fc.integer({ min: 0, max: 34 }),
  decisions: fc.integer({ min: 1, max: 4 }),
})

test('decisions told in any order, twice and in any batches come to what the last of each says, in every chart', async () => {
  await using room = await createTestRoom()
  await room.know(Array.from({ length: 8 }, (_, index) => ({ name: `track ${index}`, popularity: index })))
  // A chart that was looked at has to follow what comes.
  await room.answer(TRENDING)

  await fc.assert(
    fc.asyncProperty(
      fc.array(playback, { minLength: 1, maxLength: 25 }),
      fc.infiniteStream(fc.nat()),
      async (drawn, chance) => {
        // No two at once, nor so near that their tracks would tie.
        const playbacks = drawn.map((one, index) => ({ ...one, daysAgo: one.daysAgo + index * 0.0137 }))
        await room.db.$executeRaw`TRUNCATE play`
        await room.db.$executeRaw`UPDATE heat_day SET plays = 0, weight = 0, xid = DEFAULT`
        const told = playbacks
          .flatMap(({ decisions, track, ...play }, index) =>
            Array.from(
              { length: decisions },
              (_, decision): TestPlay => ({
                ...play,
                track: `track ${track}`,
                playbackId: `playback ${index}`,
                isCounted: decision % 2 === 0,
                decision,
              }),
            ),
          )
          .flatMap((one) => (chance.next().value % 5 === 0 ? [one, one] : [one]))
          .map((one) => ({ one, place: chance.next().value }))
          .toSorted((one, other) => one.place - other.place)
          .map(({ one }) => one)
        while (told.length > 0) {
          await room.play(told.splice(0, 1 + (chance.next().value % 20)))
          await room.answer(TRENDING, { country: 'SE' })
        }

        expect(await heats(room.db)).toEqual(await countedAnew(room.db))
        for (const country of [null, ...COUNTRIES]) {
          const kept = await room.answer(TRENDING, { country })
          expect(kept).toEqual({ trending: { nodes: expectedOrder(playbacks, country) } })
        }
      },
    ),
    { numRuns: 25 },
  )
}, 60_000)

/** By plays that count in the end, then by popularity. */
function expectedOrder(
  playbacks: readonly { track: number; country: string; daysAgo: number; decisions: number }[],
  country: string | null,
): { id: string }[] {
  const today = Date.now() / 86_400_000
  const heat = Array<number>(8).fill(0)
  for (const { track, daysAgo, decisions, ...play } of playbacks) {
    const counts = decisions % 2 === 1 && Math.floor(today - daysAgo) >= Math.floor(today) - 28
    if (counts && (country === null || play.country === country))
      heat[track] = (heat[track] ?? 0) + 0.5 ** (daysAgo / 3)
  }
  return [...heat.keys()]
    .sort((one, other) => (heat[other] ?? 0) - (heat[one] ?? 0) || other - one)
    .map((track) => ({ id: idOf('track', `track ${track}`) }))
}

type Database = Awaited<ReturnType<typeof createTestRoom>>['db']

function heats(db: Database): Promise<unknown> {
  return db.$queryRaw`
    SELECT country, track_id, day, plays FROM heat_day WHERE plays <> 0 OR weight <> 0 ORDER BY 1, 2, 3`
}

function countedAnew(db: Database): Promise<unknown> {
  return db.$queryRaw`
    SELECT place AS country, track_id, at::date AS day, count(*)::int AS plays
      FROM play, unnest(ARRAY['*', country]) AS place WHERE is_counted GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
}
