import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { createPlayPartitions } from '../services/play-partitions.ts'
import { createTestRoom, type TestRoom } from '../testing/playback-room.ts'
import { createPartitionMaking } from './play-partitions.ts'

let playback: TestRoom

beforeAll(async () => {
  playback = await createTestRoom()
})
afterAll(() => playback[Symbol.asyncDispose]())

const months = async (like: string): Promise<string[]> =>
  (
    await playback.db.$queryRaw<{ name: string }[]>`
      SELECT relid::regclass::text AS name FROM pg_partition_tree('play') WHERE isleaf AND relid::regclass::text LIKE ${like}
       ORDER BY 1`
  ).map(({ name }) => name)

const makeAt = (at: string) =>
  createPartitionMaking(
    createPlayPartitions(playback.db),
    () => Date.parse(at),
    createLogger('test', 'silent'),
  ).run()

test.each([
  ['2031-01-31T12:00:00Z', ['play_2030_12', 'play_2031_01', 'play_2031_02', 'play_2031_03']],
  ['2033-03-02T00:00:00Z', ['play_2033_01', 'play_2033_02', 'play_2033_03', 'play_2033_04']],
])('at %s no month is missing of what may be told, and of what comes next', async (at, wanted) => {
  await makeAt(at)
  await makeAt(at)

  const years = [...new Set(wanted.map((name) => name.slice(5, 9)))]
  expect((await Promise.all(years.map((year) => months(`play_${year}%`)))).flat()).toEqual(wanted)
})

test('many that miss the same month make it once, and a month ends where the next begins', async () => {
  const { db } = playback
  const edges = ['2040-01-31T23:59:59.999Z', '2040-02-01T00:00:00.000Z']
  await Promise.all(
    Array.from({ length: 8 }, () => createPlayPartitions(db).ensure(edges.map((at) => new Date(at)))),
  )
  for (const at of edges)
    await db.$executeRaw`
      INSERT INTO play (playback_id, started_at, playable_id, artist_ids, country, tier, duration_ms, heard_ms, is_counted)
      VALUES ('edge', ${new Date(at)}, 'track', '{}', 'SE', 'FREE', 1, 0, false)`

  expect(
    await db.$queryRaw`SELECT tableoid::regclass::text AS month FROM play WHERE playback_id = 'edge' ORDER BY started_at`,
  ).toEqual([{ month: 'play_2040_01' }, { month: 'play_2040_02' }])
})
