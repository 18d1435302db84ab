import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { createTallyChecking } from '../jobs/tally-checking.ts'
import { type DecidedPlay, decisionsOf, tell, untilTallied, writeDecided } from '../testing/decided-plays.ts'
import { createTestRoom, type TestRoom } from '../testing/playback-room.ts'
import { NOW } from '../testing/signed.ts'
import { changesOf } from './counting.ts'
import { addChanges } from './tally-store.ts'

const HOUR_MS = 3_600_000
const TODAY = '2026-11-21'
const FIRST_DAY = '2026-10-11'
const ARTISTS = ['a', 'b', 'c'].map((name) => derivedId('artist', name))

let playback: TestRoom
beforeAll(async () => {
  playback = await createTestRoom()
})
afterAll(() => playback[Symbol.asyncDispose]())

// A few people, tracks and artists over forty days: the same things meet often, at the edges of hours and days as well.
const drawn = fc.record({
  track: fc.integer({ min: 0, max: 3 }),
  isEpisode: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  userId: fc.option(fc.constantFrom('u', 'v', 'w').map((name) => derivedId('user', name))),
  country: fc.constantFrom('SE', 'TV'),
  deviceKind: fc.constantFrom('PHONE', 'TV'),
  artistIds: fc.array(fc.constantFrom(...ARTISTS), { maxLength: 3 }),
  hoursAgo: fc.integer({ min: 0, max: 960 }),
  ms: fc.constantFrom(0, 1, HOUR_MS - 1),
  decisions: fc.integer({ min: 1, max: 4 }),
})

test('told in any order, twice and in any batches, tallies are what a count over the plays says', async () => {
  const { db } = playback
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(drawn, { minLength: 1, maxLength: 40 }),
      fc.infiniteStream(fc.nat()),
      async (rows, chance) => {
        await clear()
        run++
        const plays = rows.map(
          ({ track, isEpisode, hoursAgo, ms, ...play }, index): DecidedPlay => ({
            ...play,
            playbackId: `playback_${run}_${index}`,
            playableId: derivedId(isEpisode ? 'episode' : 'track', `track ${track}`),
            albumId: track === 0 ? null : derivedId('album', `album ${track % 2}`),
            startedAt: new Date(NOW - hoursAgo * HOUR_MS + ms),
          }),
        )
        await writeDecided(db, plays)
        const told = plays
          .flatMap(decisionsOf)
          .flatMap((one) => (chance.next().value % 5 === 0 ? [one, one] : [one]))
          .map((one) => ({ one, place: chance.next().value }))
          .toSorted((one, other) => one.place - other.place)
          .map(({ one }) => one)
        while (told.length > 0) await tell(db, told.splice(0, 1 + (chance.next().value % 30)))
        await untilTallied(db)

        await expectCounted()
      },
    ),
    { numRuns: 20 },
  )
}, 120_000)

test('written by several at once, they are the same, and nobody waits in a circle', async () => {
  await clear()
  const { db } = playback
  const plays = Array.from(
    { length: 600 },
    (_, index): DecidedPlay => ({
      ...{ playbackId: `playback_${index}`, country: 'SE', deviceKind: 'PHONE', decisions: 1 },
      userId: derivedId('user', String(index % 5)),
      playableId: derivedId('track', `track ${index % 7}`),
      albumId: derivedId('album', `album ${index % 2}`),
      artistIds: [ARTISTS[index % 3] as string, ARTISTS[index % 2] as string],
      startedAt: new Date(NOW - ((index * 37) % 960) * HOUR_MS),
    }),
  )
  await writeDecided(db, plays)

  await Promise.all(
    [0, 1, 2, 3].map(async (lane) => {
      for (let from = lane * 10; from < plays.length; from += 40) {
        const changes = plays.slice(from, from + 10).map((play) => ({ ...play, by: 1 as const }))
        await db.$transaction((tx) => addChanges(tx, changesOf(changes)), {
          maxWait: 20_000,
          timeout: 20_000,
        })
      }
    }),
  )

  await expectCounted()
})

test('what differs from the plays is found by hour and id, and looked at again before it is told', async () => {
  await clear()
  const { db } = playback
  const startedAt = new Date(NOW - 2 * HOUR_MS)
  const play: DecidedPlay = {
    playbackId: 'playback_1',
    playableId: derivedId('track', 'x'),
    ...{
      artistIds: [],
      albumId: null,
      userId: null,
      country: 'SE',
      deviceKind: 'CAR',
      decisions: 1,
      startedAt,
    },
  }
  await writeDecided(db, [play])
  let hasWaited = 0
  const check = createTallyChecking({
    db,
    now: () => NOW,
    logger: pino({ level: 'silent' }),
    tallies: {
      async caughtUp() {
        hasWaited++
      },
    },
  })

  const missing = await check.run()
  await tell(db, decisionsOf(play))
  await untilTallied(db)
  const right = await check.run()

  const hour = startedAt
  expect(missing).toEqual(
    [
      { dimension: 'COUNTRY', id: 'SE' },
      { dimension: 'DEVICE', id: 'CAR' },
      { dimension: 'TRACK', id: play.playableId },
    ].map((one) => ({ ...one, hour, tallied: 0, counted: 1 })),
  )
  expect(right).toEqual([])
  expect(hasWaited).toBe(1)
})

async function clear(): Promise<void> {
  await playback.db.$executeRaw`
    TRUNCATE play, play_tally, artist_audience, artist_listener, artist_listener_day, artist_reach`
}

/** Counts everything anew from the plays, in SQL that shares nothing with what is tested. */
async function expectCounted(): Promise<void> {
  const { db } = playback
  expect(
    await db.$queryRaw`
      SELECT dimension, id, day::timestamp + make_interval(hours => place::int - 1) AS hour, hourly.plays
        FROM play_tally, unnest(hours) WITH ORDINALITY AS hourly (plays, place) WHERE hourly.plays <> 0 ORDER BY 1, 2, 3`,
  ).toEqual(
    await db.$queryRaw`
      WITH counted AS (SELECT *, date_trunc('hour', started_at AT TIME ZONE 'UTC') AS hour FROM play WHERE is_counted)
      SELECT dimension, id, hour, count(*)::int AS plays FROM (
        SELECT CASE split_part(playable_id, '_', 1) WHEN 'track' THEN 'TRACK' ELSE 'EPISODE' END AS dimension, playable_id AS id, hour
          FROM counted
        UNION ALL SELECT 'ALBUM', album_id, hour FROM counted WHERE album_id IS NOT NULL
        UNION ALL SELECT 'COUNTRY', country, hour FROM counted
        UNION ALL SELECT 'DEVICE', device_kind, hour FROM counted
        UNION ALL SELECT 'ARTIST', artist, hour FROM counted, LATERAL (SELECT DISTINCT unnest(artist_ids) AS artist) AS of_it
      ) AS each GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  )
  expect(
    await db.$queryRaw`
      SELECT artist_id, dimension, day, id, plays FROM artist_audience WHERE plays <> 0 ORDER BY 1, 2, 3, 4`,
  ).toEqual(
    await db.$queryRaw`
      SELECT artist AS artist_id, dimension, day, id, count(*)::int AS plays
        FROM (SELECT *, (started_at AT TIME ZONE 'UTC')::date AS day FROM play WHERE is_counted) AS counted,
             LATERAL (SELECT DISTINCT unnest(artist_ids) AS artist) AS of_it,
             LATERAL (VALUES ('COUNTRY', country), ('DEVICE', device_kind), ('TRACK', playable_id)) AS part (dimension, id)
       GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  )
  expect(
    await db.$queryRaw`
      SELECT artist_id, since, (
               SELECT coalesce(sum(listeners), 0)::int FROM artist_reach
                WHERE artist_reach.artist_id = asked.artist_id AND day >= since) AS listeners
        FROM unnest(${ARTISTS}::text[]) AS asked (artist_id),
             generate_series(${FIRST_DAY}::date, ${TODAY}::date, '1 day') AS since ORDER BY 1, 2`,
  ).toEqual(
    await db.$queryRaw`
      SELECT artist_id, since, (
               SELECT count(DISTINCT user_id)::int FROM play
                WHERE is_counted AND artist_id = ANY (artist_ids) AND started_at >= since AT TIME ZONE 'UTC') AS listeners
        FROM unnest(${ARTISTS}::text[]) AS asked (artist_id),
             generate_series(${FIRST_DAY}::date, ${TODAY}::date, '1 day') AS since ORDER BY 1, 2`,
  )
}
