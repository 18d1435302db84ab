import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { derivedId } from '#shared/id.ts'
import { monthOf } from './royalties/month.ts'
import { createTestRoom, list, type TestRoom } from './testing/playback-room.ts'

const DAY_MS = 24 * 3_600_000
const track = z.object({
  key: z.string(),
  artists: z.array(z.string()),
  durationMs: z.number(),
  popularity: z.number(),
  markets: z.array(z.string()),
})
const shape = z.object({ albums: z.array(z.object({ key: z.string(), tracks: z.array(track) })) })

let playback: TestRoom
let demo: z.infer<typeof shape>

beforeAll(async () => {
  playback = await createTestRoom()
  demo = shape.parse(
    JSON.parse(await readFile(new URL('../../infra/demo/catalogue.json', import.meta.url), 'utf8')),
  )
})
afterAll(() => playback[Symbol.asyncDispose]())

test('two months of plays are loaded at once, the known tracks heard most, and one time only', async () => {
  const begun = performance.now()
  await playback.room.loadDemo(demo)
  const took = performance.now() - begun
  const plays = await playback.events('playback.play-counted.v1')
  const counts = new Map<string, number>()
  for (const { playableId } of plays)
    counts.set(String(playableId), (counts.get(String(playableId)) ?? 0) + 1)
  const known = demo.albums
    .flatMap((album) => album.tracks)
    .sort((one, other) => other.popularity - one.popularity)
    .map(({ key }) => counts.get(derivedId('track', `demo:${key}`)) ?? 0)
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
  const ages = plays.map(({ at }) => playback.clock.now - Date.parse(String(at)))

  expect(took).toBeLessThan(5_000) // 0.3 s, more on a busy machine
  expect(plays.length).toBeGreaterThan(1_500)
  expect(plays.length).toBeLessThan(4_000)
  expect(new Set(plays.map(({ playbackId }) => String(playbackId))).size).toBe(plays.length)
  expect(sum(known.slice(0, 50))).toBeGreaterThan(4 * sum(known.slice(100, 150)))
  expect(new Set(plays.map(({ country }) => String(country)))).toEqual(new Set(['US', 'GB', 'SE']))
  expect(Math.min(...ages)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...ages)).toBeLessThanOrEqual(63 * DAY_MS)
  expect(ages.filter((age) => age < 7 * DAY_MS).length).toBeGreaterThan(plays.length / 3)
  const { from, to } = monthOf(monthOf(playback.clock.now).from.getTime() - 1)
  const startedAt = { gte: from, lt: to }
  expect(await playback.db.play.count({ where: { isCounted: true, startedAt } })).toBeGreaterThan(100)

  await playback.room.loadDemo(demo)
  expect(await playback.events('playback.play-counted.v1')).toEqual(plays)
  expect(await playback.db.play.count({ where: { isCounted: true } })).toBe(plays.length)
})

test('nobody has heard a track where it may not be heard, and no account of the demo has heard anything', async () => {
  const plays = await playback.events('playback.play-counted.v1')
  const markets = new Map(
    demo.albums
      .flatMap((album) => album.tracks)
      .map((one) => [derivedId('track', `demo:${one.key}`), one.markets]),
  )
  const people = ['free', 'premium', 'artist', 'admin'].map((key) => derivedId('user', `demo:${key}`))

  expect(
    plays.filter(({ playableId, country }) => !markets.get(String(playableId))?.includes(String(country))),
  ).toEqual([])
  expect(plays.filter(({ userId }) => people.includes(String(userId)))).toEqual([])
  expect(new Set(plays.map(({ userId }) => String(userId))).size).toBeGreaterThan(100)
})

test('playCount says what the events say', async () => {
  const plays = await playback.events('playback.play-counted.v1')
  const id = derivedId('track', `demo:${demo.albums[0]?.tracks[0]?.key}`)
  await playback.say('catalog', 'catalog.track-changed.v1', {
    trackId: id,
    title: 'Known',
    durationMs: 60_000,
    markets: [],
    isComposable: true,
    version: 1,
  })
  await expect.poll(() => playback.db.playable.count()).toBe(1)
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Track { playCount } } }'
  const { _entities } = await playback.answer(query, { r: [{ __typename: 'Track', id }] })

  expect(Number(list(_entities)[0]?.['playCount'])).toBe(
    plays.filter(({ playableId }) => String(playableId) === id).length,
  )
})

test('the plays are the same every time', async () => {
  await using other = await createTestRoom()
  await other.room.loadDemo(demo)

  expect(await other.events('playback.play-counted.v1')).toEqual(
    await playback.events('playback.play-counted.v1'),
  )
})
