import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { line, runImport, text } from '../testing/track-file.ts'

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
})
beforeEach(() => catalog.empty())
afterAll(() => catalog[Symbol.asyncDispose]())

const run = (content: string | Buffer) => runImport(catalog, content)
const titles = async () =>
  (await catalog.db.track.findMany({ orderBy: { sourceKey: 'asc' } })).map((track) => track.title)

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
