import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { encodeCursor } from '#shared/connection.ts'
import { createTestCatalog, type TestCatalog } from './testing/catalog-room.ts'
import { draftTracks, idOf } from './testing/drafts.ts'
import { blocksOf } from './testing/plans.ts'

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
})
beforeEach(() => catalog.empty())
afterAll(() => catalog[Symbol.asyncDispose]())

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)

/** Albums by title, out on these days. */
async function release(dates: Record<string, string | null>): Promise<void> {
  const draft = draftTracks(...Object.keys(dates).map((album) => ({ title: `Of ${album}`, album })))
  const albums = draft.albums.map((album) => ({ ...album, releaseDate: dates[album.title] ?? null }))
  await catalog.catalogue.write({ ...draft, albums })
}

const RELEASES = `query ($first: Int, $after: String) { newReleases(first: $first, after: $after) {
  totalCount nodes { title releaseDate } pageInfo { hasNextPage endCursor } } }`
const PAGE = 'query ($after: String) { newReleases(first: 20, after: $after) { nodes { id } } }'
const titles = async (variables = {}) =>
  (await catalog.answer(RELEASES, variables))['newReleases'].nodes.map(
    (album: { title: string }) => album.title,
  )

test('new releases are the albums that are out, the newest first', async () => {
  await release({ Old: '1977-01-01', Today: day(0), Tomorrow: day(2), Undated: null, Week: day(-7) })

  const { newReleases } = await catalog.answer(RELEASES)

  expect(newReleases.nodes.map((album: { title: string }) => album.title)).toEqual(['Today', 'Week', 'Old'])
  expect(newReleases.totalCount).toBe(3)
})

test('pages follow each other without a gap or a repeat, many of one day among them', async () => {
  const dates = Array.from({ length: 25 }, (_, index) => [`A${index}`, day(-Math.floor(index / 10))] as const)
  await release(Object.fromEntries(dates))

  const all = await titles({ first: 100 })
  const seen: string[] = []
  for (let after: string | null = null, more = true; more; ) {
    const { newReleases } = await catalog.answer(RELEASES, { first: 4, after })
    seen.push(...newReleases.nodes.map((album: { title: string }) => album.title))
    after = newReleases.pageInfo.endCursor
    more = newReleases.pageInfo.hasNextPage
  }

  expect(seen).toEqual(all)
  expect(new Set(seen).size).toBe(25)
})

test('a page costs the same wherever it begins: the index is read from there', async () => {
  await catalog.db.$executeRaw`
    INSERT INTO album (id, title, kind, release_date, source, source_key, source_hash)
    SELECT 'album_' || lpad(n::text, 22, '0'), 'A', 'ALBUM', '2020-01-01'::date - n, 'test', n, '' FROM generate_series(1, 20000) AS n`
  await catalog.db.$executeRaw`ANALYZE album`
  const after = (date: string): string => encodeCursor(date, `album_${'0'.repeat(22)}`)

  const near = await blocksOf(catalog.url, () => catalog.answer(PAGE, { after: after('2019-12-01') }))
  const far = await blocksOf(catalog.url, () => catalog.answer(PAGE, { after: after('1970-01-01') }))

  expect(near).toBeLessThan(60)
  expect(far).toBeLessThan(near + 20)
})

test.each([
  [{ first: 0 }],
  [{ first: 101 }],
  [{ after: 'nonsense' }],
  [{ after: Buffer.from('["2020-01-01"]').toString('base64url') }],
  [{ after: Buffer.from('["2020-13-01","album_0000000000000000000000"]').toString('base64url') }],
])('%j is BAD_USER_INPUT', async (variables) => {
  expect(await catalog.refusal(RELEASES, variables)).toBe('BAD_USER_INPUT')
})

test('one and a hundred at once are answered', async () => {
  await release({ A: day(0) })

  expect(await titles({ first: 1 })).toEqual(['A'])
  expect(await titles({ first: 100 })).toEqual(['A'])
})

test('genres are pages of genres, and each has pages of its tracks', async () => {
  await catalog.catalogue.write(
    draftTracks(
      { title: 'Low', genres: ['Folk'], popularity: 1 },
      { title: 'High', genres: ['Folk', 'Jazz'], popularity: 9 },
    ),
  )
  const { genres } = await catalog.answer(
    '{ genres { nodes { id name tracks(first: 1) { nodes { title } } } } }',
  )

  expect(genres.nodes).toEqual([
    { id: idOf('genre', 'Folk'), name: 'Folk', tracks: { nodes: [{ title: 'High' }] } },
    { id: idOf('genre', 'Jazz'), name: 'Jazz', tracks: { nodes: [{ title: 'High' }] } },
  ])
})
