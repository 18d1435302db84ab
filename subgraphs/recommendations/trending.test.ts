import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createTestRoom,
  idOf,
  type TestPlay,
  type TestRoom,
  type TestTrack,
} from './testing/recommendations-room.ts'

const TRENDING = `query ($country: CountryCode, $first: Int, $after: String) {
  trending(country: $country, first: $first, after: $after) {
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`

interface Chart {
  trending: {
    nodes: { id: string }[]
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null }
  }
}

const DAY_MS = 24 * 3_600_000
const COUNTRIES = ['SE', 'US', 'GB']
const tracks: TestTrack[] = Array.from({ length: 60 }, (_, index) => ({
  name: `track ${index}`,
  popularity: (index * 7) % 50,
  markets: index % 10 === 3 ? ['US'] : index % 10 === 4 ? [] : index % 10 === 5 ? null : COUNTRIES,
}))
// The first 30 are played, 400 times in all over 35 days, by a fixed rule.
const plays: (TestPlay & { daysAgo: number })[] = Array.from({ length: 400 }, (_, index) => ({
  track: `track ${(index * index * 7 + index) % 30}`,
  country: COUNTRIES[index % 3] as string,
  daysAgo: ((index * 13) % 35) + index / 1_000,
}))

let room: TestRoom

beforeAll(async () => {
  room = await createTestRoom()
  await room.know(tracks)
  await room.play(plays)
})
afterAll(() => room[Symbol.asyncDispose]())

test.each([null, ...COUNTRIES])('the chart of %s is what counting by hand gives', async (country) => {
  expect(await chart({ country, first: 100 })).toEqual(expected(country))
})

test('plays of today and the 28 days before count, and the rest follow by popularity', async () => {
  const old = plays.filter(({ daysAgo }) => !isRecent(daysAgo))
  expect(old.length).toBeGreaterThan(20)

  const world = await chart({ first: 100 })
  const played = new Set([...heatOf(null).keys()].map((name) => idOf('track', name)))
  const rest = world.filter((id) => !played.has(id))

  expect(rest.length).toBeGreaterThan(20)
  expect(world.slice(-rest.length)).toEqual(rest)
  expect(rest.map(popularityOf)).toEqual(rest.map(popularityOf).toSorted((one, other) => other - one))
})

test('pages follow each other without a gap or a repeat', async () => {
  const seen: string[] = []
  let after: string | null = null
  for (let page = 0; page < 20; page++) {
    const { nodes, pageInfo } = await read({ country: 'SE', first: 7, after })
    seen.push(...nodes.map(({ id }) => id))
    expect(pageInfo.hasPreviousPage).toBe(page > 0)
    after = pageInfo.endCursor
    if (!pageInfo.hasNextPage) break
  }

  expect(seen).toEqual(await chart({ country: 'SE', first: 100 }))
})

test('a page asked for later goes on where the chart had been, though everything has cooled and some rose', async () => {
  const before = await chart({ country: 'GB', first: 100 })
  const first = await read({ country: 'GB', first: 10 })

  await room.play(Array.from({ length: 30 }, () => ({ track: 'track 39', country: 'GB' })))
  const second = await read({ country: 'GB', first: 10, after: first.pageInfo.endCursor })

  expect(second.nodes.map(({ id }) => id)).toEqual(before.slice(10, 20))
  expect((await chart({ country: 'GB', first: 1 }))[0]).toBe(idOf('track', 'track 39'))
})

test('plays that tie are ordered by popularity', async () => {
  await using small = await createTestRoom()
  await small.know([
    { name: 'a', popularity: 10 },
    { name: 'b', popularity: 30 },
    { name: 'c', popularity: 20 },
    { name: 'd', popularity: 99 },
  ])
  const at = { daysAgo: 1, country: 'SE' }
  await small.play(['a', 'b', 'c'].map((track) => ({ ...at, track })))

  expect(await chart({ country: 'SE' }, small)).toEqual(
    ['b', 'c', 'a', 'd'].map((name) => idOf('track', name)),
  )
})

test('a playback counts once, and what is no music or not known here is not in the chart', async () => {
  await using small = await createTestRoom()
  await small.know([{ name: 'a' }, { name: 'b' }, { name: 'gone' }])
  await small.know([{ name: 'gone', isRemoved: true, version: 2 }])
  await small.play([
    ...Array.from({ length: 5 }, () => ({ track: 'a', playbackId: 'the same' })),
    { track: 'b' },
    { track: 'b' },
    { track: 'gone' },
    { track: 'never heard of' },
    { track: 'episode_0000000000000000000001' },
  ])
  await small.play([{ track: 'a', playbackId: 'the same' }])

  expect(await chart({}, small)).toEqual([idOf('track', 'b'), idOf('track', 'a')])
  const rows = await small.db.$queryRaw<{ plays: bigint }[]>`SELECT count(*) AS plays FROM play`
  expect(rows).toEqual([{ plays: 5n }])
})

test('without any play the most popular lead, and without any track the chart is empty', async () => {
  await using small = await createTestRoom()
  expect(await chart({ country: 'SE' }, small)).toEqual([])

  await small.know([
    { name: 'a', popularity: 1 },
    { name: 'b', popularity: 2 },
  ])

  expect(await chart({ country: 'SE' }, small)).toEqual([idOf('track', 'b'), idOf('track', 'a')])
})

test.each([
  { country: 'XX' },
  { country: 'se' },
  { country: '' },
  { country: 'SE\u0000' },
  { first: 0 },
  { first: 101 },
  { first: -1 },
  { after: 'nonsense' },
  { after: Buffer.from('["rank","content-1.1","3"]').toString('base64url') },
  { after: Buffer.from('["chart","NaN","3","track"]').toString('base64url') },
  { after: Buffer.from('["chart","1","3"]').toString('base64url') },
])('%j is BAD_USER_INPUT', async (variables) => {
  const { errors } = await room.ask(TRENDING, variables)

  expect(errors?.map((error) => error.extensions?.['code'])).toEqual(['BAD_USER_INPUT'])
})

/** What the room should say, counted here from the same plays in another way. */
function expected(country: string | null): string[] {
  const heat = heatOf(country)
  const closed = unplayable(country)
  return tracks
    .map(({ name }) => name)
    .filter((name) => !closed.has(name))
    .sort(
      (one, other) =>
        (heat.get(other) ?? 0) - (heat.get(one) ?? 0) ||
        popularityOf(idOf('track', other)) - popularityOf(idOf('track', one)) ||
        (idOf('track', one) < idOf('track', other) ? -1 : 1),
    )
    .map((name) => idOf('track', name))
}

function heatOf(country: string | null): Map<string, number> {
  const heat = new Map<string, number>()
  for (const play of plays)
    if (isRecent(play.daysAgo) && (country === null || play.country === country))
      heat.set(play.track, (heat.get(play.track) ?? 0) + 0.5 ** (play.daysAgo / 3))
  return heat
}

/** Of today or one of the 28 days before, as days are counted in UTC. */
function isRecent(daysAgo: number): boolean {
  const today = Date.now() / DAY_MS
  return Math.floor(today - daysAgo) >= Math.floor(today) - 28
}

function unplayable(country: string | null): Set<string> {
  const isOpen = ({ markets = null }: TestTrack) =>
    markets === null || (country === null ? markets.length > 0 : markets.includes(country))
  return new Set(tracks.filter((track) => !isOpen(track)).map(({ name }) => name))
}

function popularityOf(id: string): number {
  return tracks.find(({ name }) => idOf('track', name) === id)?.popularity ?? 0
}

async function read(variables: Record<string, unknown>): Promise<Chart['trending']> {
  return (await room.answer<Chart>(TRENDING, variables)).trending
}

async function chart(variables: Record<string, unknown>, from = room): Promise<string[]> {
  const { trending } = await from.answer<Chart>(TRENDING, variables)
  return trending.nodes.map(({ id }) => id)
}
