import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { HEADER, line, runImport, text } from '../testing/track-file.ts'

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
})
beforeEach(() => catalog.empty())
afterAll(() => catalog[Symbol.asyncDispose]())

const run = (content: string | Buffer) => runImport(catalog, content)
const titles = async () =>
  (await catalog.db.track.findMany({ orderBy: { sourceKey: 'asc' } })).map((track) => track.title)

test('a row becomes a track with its artist, its album and its features, playable everywhere', async () => {
  const row = line('t1', { name: '"Hello, ""World"""', artist: 'Beyoncé', album: 'a1', date: '1977-02' })

  await run(gzipSync(text(row)))

  const { track } = await catalog.answer(
    `query ($id: ID!) { track(id: $id) {
      title durationMs discNumber trackNumber explicit isrc markets artists { name }
      album { title kind releaseDate artists { name } } audioFeatures { tempo key mode acousticness loudness }
    } }`,
    { id: derivedId('track', 'spotify:t1') },
  )
  expect(track.markets).toHaveLength(249)
  expect({ ...track, markets: null }).toEqual({
    title: 'Hello, "World"',
    durationMs: 200_000,
    discNumber: 1,
    trackNumber: 1,
    explicit: false,
    isrc: null,
    markets: null,
    artists: [{ name: 'Beyoncé' }],
    album: { title: 'Album a1', kind: 'ALBUM', releaseDate: '1977-02-01', artists: [{ name: 'Beyoncé' }] },
    audioFeatures: { tempo: 120.5, key: 7, mode: 1, acousticness: 0.000761, loudness: -5.2 },
  })
})

test('the same file again changes nothing and says nothing', async () => {
  const file = text(line('t1'), line('t2', { artist: 'Bo' }), line('t3', { album: 'album-t1', artist: 'Cy' }))
  const first = await run(file)
  const events = await catalog.db.outbox.count()
  const words = await catalog.db.searchDocument.count()

  const second = await run(file)

  expect(first.outcome).toEqual({ rows: 3, isNew: 3, changed: 0, unchanged: 0, skipped: 0, cut: null })
  expect(second.outcome).toEqual({ rows: 3, isNew: 0, changed: 0, unchanged: 3, skipped: 0, cut: null })
  expect(await catalog.db.outbox.count()).toBe(events)
  expect(await catalog.db.searchDocument.count()).toBe(words)
  expect(await catalog.db.track.count()).toBe(3)
})

test('only the rows that say something else are changed', async () => {
  await run(text(line('t1'), line('t2')))
  await catalog.events('catalog.track-changed.v1')

  const { outcome } = await run(text(line('t1'), line('t2', { popularity: '77' }), line('t3')))

  expect(outcome).toMatchObject({ isNew: 1, changed: 1, unchanged: 1 })
  const events = await catalog.events('catalog.track-changed.v1')
  expect(events.map(({ title, popularity, version }) => [title, popularity, version]).sort()).toEqual([
    ['Song t2', 77, 2],
    ['Song t3', 50, 1],
  ])
})

test('more rows than a transaction holds are all in, each once', async () => {
  const rows = Array.from({ length: 2_345 }, (_, index) =>
    line(`t${index}`, { artist: `Artist ${index % 50}` }),
  )

  const { outcome } = await run(text(...rows))

  expect(outcome).toMatchObject({ rows: 2_345, isNew: 2_345, skipped: 0 })
  expect(await catalog.db.track.count()).toBe(2_345)
  expect(await catalog.db.artist.count()).toBe(50)
})

test('a track that stands twice in a file is there once, as the last row says', async () => {
  const { outcome } = await run(
    text(line('t1', { name: 'Old' }), line('t2'), line('t1', { name: 'New' }), line('t2')),
  )

  expect(outcome).toMatchObject({ rows: 4, isNew: 2, changed: 1, unchanged: 1 })
  expect(await titles()).toEqual(['New', 'Song t2'])
})

test('artists are told apart by every letter of their names', async () => {
  await run(text(line('t1', { artist: 'Ann' }), line('t2', { artist: 'ANN' }), line('t3', { artist: 'Änn' })))

  expect(await catalog.db.artist.count()).toBe(3)
})

test('titles may be NA, signs alone, or go over two lines; a year alone is its first day', async () => {
  const rows = [
    line('t1', { name: 'NA', date: '1981' }),
    line('t2', { name: '@', date: '' }),
    line('t3', { name: '"Two\nlines"', date: '0000' }),
  ]

  const { outcome, faults } = await run(text(...rows))

  expect([outcome.isNew, faults]).toEqual([3, []])
  expect(await titles()).toEqual(['NA', '@', 'Two\nlines'])
  const albums = await catalog.db.album.findMany({ orderBy: { sourceKey: 'asc' } })
  expect(albums.map(({ releaseDate }) => releaseDate?.toISOString().slice(0, 10))).toEqual([
    '1981-01-01',
    undefined,
    undefined,
  ])
})

test('line ends, a byte order mark and the order of columns do not matter', async () => {
  const names = HEADER.split(',')
  const cells = line('t1').split(',')
  const turned = (values: string[]): string => [...values].reverse().join(',')

  const { outcome } = await run(`\ufeff${turned(names)},extra\r\n${turned(cells)},more\r\n`)

  expect(outcome).toMatchObject({ rows: 1, isNew: 1, cut: null })
})
