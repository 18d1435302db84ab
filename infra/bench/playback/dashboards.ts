import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { roomAdapter } from '#shared/database.ts'
import { derivedId } from '#shared/id.ts'
import { migrate } from '../../../prisma/migrate.ts'
import { changesOf, type PlayChange } from '../../../subgraphs/playback/analytics/counting.ts'
import { firstDay } from '../../../subgraphs/playback/analytics/days.ts'
import { addChanges } from '../../../subgraphs/playback/analytics/tally-store.ts'
import { createWindowLoaders } from '../../../subgraphs/playback/analytics/window-reader.ts'
import { PrismaClient as PlaybackClient } from '../../../subgraphs/playback/generated/prisma/client.ts'
import { PrismaClient as RecommendationsClient } from '../../../subgraphs/recommendations/generated/prisma/client.ts'
import { createHeatReader, HALF_LIFE_S, UNIT } from '../../../subgraphs/recommendations/services/heat.ts'
import { startPostgres } from '../../standalone/postgres.ts'
import { type Figure, percentile, report } from '../report.ts'

const ARTIST = derivedId('artist', 'bench')
const TRACKS = Array.from({ length: 200 }, (_, index) => derivedId('track', String(index)))
const BATCH = 500
const ROUNDS = 20
/** Of one moment, however long it takes to write them. */
const NOW = Date.now()

/**
 * `npm run bench -- dashboards [plays]`: so many plays (1,000,000) of one artist, by 100,000 people over 365 days, on 200 tracks and in 60
 * countries: its dashboard beside a count over the plays themselves; what tallies take in a second; and so many plays of 50,000 tracks in 28
 * days: what a chart reads when some plays came in, beside counting all of them again.
 */
export async function run([count = '1000000']: readonly string[]): Promise<void> {
  const plays = Number(count)
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), password: 'bench' })
  try {
    await migrate('playback', postgres.url)
    await migrate('recommendations', postgres.url)
    const figures = [
      ...(await measureDashboard(postgres.url, plays)),
      ...(await measureCharts(postgres.url, plays)),
    ]
    report(`dashboards: ${plays} plays`, figures)
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureDashboard(databaseUrl: string, plays: number): Promise<Figure[]> {
  const db = new PlaybackClient({ adapter: roomAdapter(databaseUrl, 'playback', 2) })
  await db.$executeRaw`
    SELECT make_play_partition(month) FROM generate_series(now() - interval '13 months', now(), '1 month') AS month`
  await db.$executeRaw`SET statement_timeout = 0`
  const begun = performance.now()
  for (let done = 0; done < plays; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, plays - done) }, (_, index) => playAt(done + index))
    await db.$transaction(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO play (playback_id, started_at, user_id, playable_id, artist_ids, country, device_kind, tier, duration_ms, heard_ms,
                          is_counted)
        SELECT "playbackId", "startedAt", "userId", "playableId", "artistIds", country, "deviceKind", 'FREE', 200000, 60000, true
          FROM jsonb_to_recordset(${JSON.stringify(batch)}::text::jsonb) AS play
               ("playbackId" text, "startedAt" timestamptz, "userId" text, "playableId" text, "artistIds" text[], country text,
                "deviceKind" text)`
    })
  }
  const written = performance.now()
  for (let done = 0; done < plays; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, plays - done) }, (_, index) => playAt(done + index))
    await db.$transaction((tx) => addChanges(tx, changesOf(batch)))
  }
  const tallied = performance.now()
  await db.$executeRaw`VACUUM ANALYZE`
  const figures: Figure[] = [
    { what: 'plays written', value: plays / ((written - begun) / 1_000), unit: '/s' },
    { what: 'plays tallied', value: plays / ((tallied - written) / 1_000), unit: '/s' },
  ]
  for (const days of [28, 365]) {
    const since = firstDay(days, NOW)
    const window = { artistId: ARTIST, days, since, csvUrl: '' }
    const told = await timed(async () => {
      const read = createWindowLoaders(db)
      const [hours, listeners] = await Promise.all([
        read.artistHours.load(window),
        read.artistListeners.load(window),
        read.playlistAdds.load(window),
        ...(['COUNTRY', 'DEVICE', 'TRACK'] as const).map((dimension) =>
          read.artistAudience.load({ ...window, dimension }),
        ),
      ])
      return `${hours.reduce((sum, { plays }) => sum + plays, 0)} ${listeners}`
    }, ROUNDS)
    const counted = await timed(async () => {
      const [row] = await db.$queryRaw<[{ plays: number; listeners: number }]>`
        SELECT count(*)::int AS plays, count(DISTINCT user_id)::int AS listeners FROM play
         WHERE is_counted AND started_at >= ${since}::timestamptz AND artist_ids @> ARRAY[${ARTIST}]`
      return `${row.plays} ${row.listeners}`
    }, 3)
    if (told.answer !== counted.answer) throw new Error(`${told.answer} is not ${counted.answer}`)
    figures.push(
      { what: `dashboard of ${days} days, p50`, value: percentile(told.times, 0.5), unit: 'ms' },
      { what: `dashboard of ${days} days, most`, value: Math.max(...told.times), unit: 'ms' },
      {
        what: `plays and listeners of ${days} days counted anew, p50`,
        value: percentile(counted.times, 0.5),
        unit: 'ms',
      },
    )
  }
  await db.$disconnect()
  return figures
}

/** The nth play: spread over people, tracks, countries and time by steps that share no factor. */
function playAt(n: number): PlayChange & { playbackId: string } {
  const minutes = (n * 7_919) % (365 * 24 * 60)
  return {
    ...{ by: 1, playbackId: `playback_${n}`, albumId: null, artistIds: [ARTIST] },
    playableId: TRACKS[(n * 31) % 200] as string,
    userId: `user_${(n * 101) % 100_000}`,
    country: `C${(n * 13) % 60}`,
    deviceKind: ['PHONE', 'WEB', 'CAR', 'TV'][n % 4] as string,
    startedAt: new Date(NOW - minutes * 60_000),
  }
}

async function measureCharts(databaseUrl: string, plays: number): Promise<Figure[]> {
  const db = new RecommendationsClient({ adapter: roomAdapter(databaseUrl, 'recommendations', 1) })
  await db.$executeRaw`SET statement_timeout = 0`
  await db.$executeRaw`
    INSERT INTO play (playback_id, track_id, user_id, country, at, decided_at)
    SELECT 'playback_' || n, 'track_' || floor(50000 * power(random(), 3)), 'user', 'C' || n % 20,
           now() - random() * interval '28 days', now()
      FROM generate_series(1, ${plays}::int) AS n`
  await db.$executeRaw`
    INSERT INTO heat_day (country, track_id, day, plays, weight)
    SELECT place, track_id, (at AT TIME ZONE 'UTC')::date, count(*),
           sum(round(power(2, extract(epoch FROM (at AT TIME ZONE 'UTC')::time)::float8 / ${HALF_LIFE_S}::float8) * ${UNIT}::float8)::bigint)
      FROM play CROSS JOIN LATERAL unnest(ARRAY['*', country]) AS place GROUP BY 1, 2, 3`
  await db.$executeRaw`CREATE INDEX peer ON play (at) INCLUDE (track_id)`
  await db.$executeRaw`VACUUM ANALYZE`
  const read = createHeatReader(db)
  const whole = await timed(() => read(null, null), 3)
  const again = await timed(
    () => db.$queryRaw`
      SELECT track_id, sum(power(2, -greatest(extract(epoch FROM now() - at), 0) / ${HALF_LIFE_S}::float8)) AS plays
        FROM play WHERE at > now() - interval '28 days' GROUP BY track_id`,
    3,
  )
  let { position } = whole.answer
  const changed = await timed(async () => {
    // Fifty plays, as of half a second at a hundred a second; the most played are among them.
    await db.$executeRaw`
      UPDATE heat_day SET plays = plays + 1, weight = weight + ${UNIT}, xid = DEFAULT
       WHERE country = '*' AND day = (now() AT TIME ZONE 'UTC')::date
         AND track_id IN (SELECT 'track_' || floor(50000 * power(random(), 3)) FROM generate_series(1, 50))`
    const from = performance.now()
    const reading = await read(null, position)
    position = reading.position
    return performance.now() - from
  }, ROUNDS)
  await db.$disconnect()
  return [
    { what: 'chart read whole, p50', value: percentile(whole.times, 0.5), unit: 'ms' },
    { what: 'chart after 50 plays, p50', value: percentile(changed.answers, 0.5), unit: 'ms' },
    { what: 'chart after 50 plays, most', value: Math.max(...changed.answers), unit: 'ms' },
    { what: 'all its plays counted anew, p50', value: percentile(again.times, 0.5), unit: 'ms' },
  ]
}

async function timed<Answer>(
  work: () => PromiseLike<Answer>,
  rounds: number,
): Promise<{ times: number[]; answer: Answer; answers: Answer[] }> {
  const times: number[] = []
  const answers: Answer[] = []
  for (let round = 0; round < rounds; round++) {
    const from = performance.now()
    answers.push(await work())
    times.push(performance.now() - from)
  }
  return { times, answer: answers.at(-1) as Answer, answers }
}
