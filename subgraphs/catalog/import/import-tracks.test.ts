import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { type ImportOutcome, importTracks } from './import-tracks.ts'

const HEADER =
  'track_id,track_name,track_artist,track_popularity,track_album_id,track_album_name,track_album_release_date,' +
  'danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,duration_ms'

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
})
beforeEach(() => catalog.empty())
afterAll(() => catalog[Symbol.asyncDispose]())

/** One line of a file; what a test does not say is made up from the id. */
function line(
  id: string,
  columns: Partial<
    Record<'name' | 'artist' | 'album' | 'date' | 'popularity' | 'tempo' | 'duration', string>
  > = {},
) {
  const { name = `Song ${id}`, artist = 'Ann', album = `album-${id}`, date = '2019-03-01' } = columns
  const { popularity = '50', tempo = '120.5', duration = '200000' } = columns
  return `${id},${name},${artist},${popularity},${album},Album ${album},${date},0.5,0.6,7,-5.2,1,0.04,7.61e-4,0,0.1,0.3,${tempo},${duration}`
}

interface Run {
  outcome: ImportOutcome
  faults: [number, string][]
}

async function run(content: string | Buffer): Promise<Run> {
  const file = join(catalog.home, 'tracks.csv')
  await writeFile(file, content)
  const faults: [number, string][] = []
  const outcome = await importTracks({
    file,
    source: 'spotify',
    catalogue: catalog.catalogue,
    onFault: (number, reason) => faults.push([number, reason]),
    onProgress: () => undefined,
  })
  return { outcome, faults }
}

const text = (...lines: string[]): string => `${[HEADER, ...lines].join('\n')}\n`
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

test('bad rows are named by their line with the reason, and the rest is in', async () => {
  const { outcome, faults } = await run(
    text(
      line('t1'),
      line('t2', { popularity: '101' }),
      line('t3', { tempo: 'fast' }),
      line('t4', { name: '' }),
      line('t5', { date: '2019-02-30' }),
      line('t6', { duration: '0' }),
      line('t7', { duration: '12.5' }),
      'only,three,columns',
      line('t8', { name: '"never closed' }),
      line('t9', { name: 'quote"inside"' }),
      line('ta', { name: 'nul \0 character' }),
      '',
      line('tz'),
    ),
  )

  expect(faults).toEqual([
    [3, 'track_popularity is not within 0 and 100'],
    [4, 'tempo is not a number'],
    [5, 'track_name is empty'],
    [6, 'track_album_release_date is not a day of the calendar'],
    [7, 'duration_ms is not within 1 and 86400000'],
    [8, 'duration_ms is not a whole number'],
    [9, 'it has 3 columns, the first line 19'],
    [10, 'its quotes do not match'],
    [11, 'its quotes do not match'],
    [12, 'track_name has a NUL character'],
  ])
  expect(outcome).toMatchObject({ rows: 12, isNew: 2, skipped: 10, cut: null })
  expect(await titles()).toEqual(['Song t1', 'Song tz'])
})

test('a quote that is never closed takes no row with it', async () => {
  const rows = Array.from({ length: 200 }, (_, index) => line(`t${index}`, { name: `"Song, ${index}"` }))
  rows[3] = line('t3', { name: '"open' })
  rows[20] = line('t20', { name: '"open, too' })

  const { outcome, faults } = await run(text(...rows))

  expect(faults).toEqual([
    [5, 'its quotes do not match'],
    [22, 'its quotes do not match'],
  ])
  expect(outcome).toMatchObject({ isNew: 198, skipped: 2 })
})

test('a gzip cut at any byte brings in whole rows alone, and says that it was cut', async () => {
  // Words at random, so that the file packs badly and the cuts fall into many different rows.
  const rows = Array.from({ length: 300 }, (_, index) =>
    line(`t${index}`, { name: `N${Math.sin(index + 1)}` }),
  )
  const whole = gzipSync(text(...rows))
  const seen = new Set<number>()

  for (const part of [0.3, 0.5, 0.77, 0.98, (whole.length - 1) / whole.length]) {
    const { outcome, faults } = await run(whole.subarray(0, Math.floor(whole.length * part)))
    expect(outcome.cut).toMatch(/cut off or damaged after line \d+ \(unexpected end of file\)/)
    expect(faults).toEqual([])
    seen.add(outcome.rows)
  }

  const stored = await catalog.db.track.findMany()
  expect(seen.size).toBe(5)
  expect(stored).toHaveLength(Math.max(...seen))
  for (const track of stored)
    expect([track.durationMs, track.title]).toEqual([200_000, expect.stringMatching(/^N-?\d/)])
})

test('half a line at the end of a plain file is left out, even when it looks whole', async () => {
  const file = text(line('t1'), line('t2'))

  const halfNumber = await run(file.slice(0, -4))
  const noLineEnd = await run(file.slice(0, -1))
  const whole = await run(file)

  expect(halfNumber.outcome).toMatchObject({
    rows: 1,
    isNew: 1,
    cut: expect.stringContaining('line 3 has no line end'),
  })
  expect(noLineEnd.outcome).toMatchObject({ rows: 1, cut: expect.stringContaining('line 3 has no line end') })
  expect(whole.outcome).toMatchObject({ rows: 2, isNew: 1, unchanged: 1, cut: null })
})

test('line ends, a byte order mark and the order of columns do not matter', async () => {
  const names = HEADER.split(',')
  const cells = line('t1').split(',')
  const turned = (values: string[]): string => [...values].reverse().join(',')

  const { outcome } = await run(`\ufeff${turned(names)},extra\r\n${turned(cells)},more\r\n`)

  expect(outcome).toMatchObject({ rows: 1, isNew: 1, cut: null })
})

test.each([
  ['', 'is empty'],
  ['name,artist\na,b\n', 'has no column track_id, track_name'],
  [Buffer.alloc(1_200_000, 1), 'this is no CSV file'],
])('a file that is none ends with one sentence (%#)', async (content, sentence) => {
  await expect(run(content)).rejects.toThrow(sentence)
})

test('rows of a batch that the database refuses are all out, and what was before is in', async () => {
  const rows = Array.from({ length: 1_500 }, (_, index) => line(`t${index}`))
  await catalog.db.$executeRaw`ALTER TABLE track ADD CONSTRAINT no_1200 CHECK (source_key <> 't1200')`

  await expect(run(text(...rows))).rejects.toThrow(/^The database refused: .* Everything before is in/s)

  expect(await catalog.db.track.count()).toBe(1_000)
  await catalog.db.$executeRaw`ALTER TABLE track DROP CONSTRAINT no_1200`
})

function command(
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; out: string; said: string }> {
  return new Promise((resolve) => {
    const child = ['--import', 'tsx', 'subgraphs/catalog/import.ts', ...args]
    const environment = { PATH: '', ...env }
    const process_ = execFile(process.execPath, child, { env: environment }, (_, out, said) =>
      resolve({ code: process_.exitCode ?? -1, out, said }),
    )
  })
}

test('the command counts, names the first bad lines, and fails with one sentence when the file is cut', async () => {
  const file = join(catalog.home, 'cut.csv')
  await writeFile(
    file,
    text(line('t1'), ...Array.from({ length: 25 }, () => 'bad'), line('t2')).slice(0, -10),
  )

  // As `npm start` leaves it for those who come to its database.
  await mkdir(join(catalog.home, 'run'))
  await writeFile(join(catalog.home, 'run', 'database-url'), `${catalog.url}\n`)
  const { code, out, said } = await command([file], { CADENZA_HOME: catalog.home })
  await rm(join(catalog.home, 'run'), { recursive: true })

  expect(out).toMatch(/^26 rows: 1 new, 0 changed, 0 unchanged, 25 skipped; \d+\.\d s, peak memory \d+ MB\n$/)
  const lines = said.trim().split('\n')
  expect(lines.slice(0, 2)).toEqual([
    'Line 3 skipped: it has 1 columns, the first line 19',
    'Line 4 skipped: it has 1 columns, the first line 19',
  ])
  expect(lines.slice(20)).toEqual([
    '… and 5 more lines skipped',
    'cut.csv does not end as it should: line 28 has no line end, so it may be half a line and was left out. All rows before are in',
  ])
  expect(code).toBe(1)
})

test('without a database the command says in one sentence what to do', async () => {
  const file = join(catalog.home, 'tracks.csv')
  await writeFile(file, text(line('t1')))

  const home = await command([file], { CADENZA_HOME: catalog.home })
  const nobody = await command([file], { DATABASE_URL: 'postgres://cadenza@127.0.0.1:9/cadenza' })

  expect([home.code, nobody.code]).toEqual([1, 1])
  expect(home.said).toBe(`No Cadenza runs on ${catalog.home}: start it (npm start), or set DATABASE_URL\n`)
  expect(nobody.said).toBe(
    'PostgreSQL at 127.0.0.1:9 does not answer: start Cadenza (npm start), or set DATABASE_URL\n',
  )
})
