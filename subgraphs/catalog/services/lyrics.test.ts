import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SongText } from '../lyrics/lyrics.ts'
import { createTestCatalog, statementsOf, type TestCatalog } from '../testing/catalog-room.ts'
import { draftTracks, idOf } from '../testing/drafts.ts'
import type { LyricsDraft } from './drafts.ts'

const CHANGED = 'catalog.track-changed.v1'
const NIGHT = idOf('track', 'Night')

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
})
beforeEach(async () => {
  await catalog.empty()
  await write(draftTracks({ title: 'Night', album: 'Tide' }, { title: 'Day', album: 'Tide' }))
  await catalog.events(CHANGED)
})
afterAll(() => catalog[Symbol.asyncDispose]())

const write = (draft: Parameters<TestCatalog['catalogue']['write']>[0]) => catalog.catalogue.write(draft)
const timed = (...texts: string[]): SongText => ({
  language: 'en',
  isTimed: true,
  lines: texts.map((text, place) => ({ startMs: place * 1_000, text })),
})
const sing = (lyrics: SongText, more: Partial<LyricsDraft> = {}) =>
  write({ ...draftTracks(), lyrics: [{ trackId: NIGHT, origin: 'FILE', lyrics, ...more }] })
const QUERY = 'query ($id: ID!) { track(id: $id) { lyrics { lines { startMs text } text language } } }'
const lyricsOf = async (id: string) => (await catalog.answer(QUERY, { id }))['track'].lyrics

test('timed lyrics are lines, and a text', async () => {
  await sing(timed('One', '', 'Two'))

  expect(await lyricsOf(NIGHT)).toEqual({
    language: 'en',
    text: 'One\n\nTwo',
    lines: [
      { startMs: 0, text: 'One' },
      { startMs: 1_000, text: '' },
      { startMs: 2_000, text: 'Two' },
    ],
  })
  expect(await lyricsOf(idOf('track', 'Day'))).toBeNull()
})

test('what nobody has timed is a text alone', async () => {
  await sing({ language: null, isTimed: false, lines: [{ startMs: 0, text: 'One' }] })

  expect(await lyricsOf(NIGHT)).toEqual({ language: null, text: 'One', lines: [] })
})

test('other words are told, the same words again are not', async () => {
  await sing(timed('One'))
  const first = await catalog.events(CHANGED)
  await lyricsOf(NIGHT)
  await sing(timed('One'))
  const second = await catalog.events(CHANGED)
  await sing(timed('Two'))

  expect(first).toMatchObject([{ trackId: NIGHT, version: 2 }])
  expect(second).toEqual([])
  expect((await lyricsOf(NIGHT)).text).toBe('Two')
  expect(await catalog.events(CHANGED)).toMatchObject([{ trackId: NIGHT, version: 3 }])
})

test('tags do not overwrite what stands beside a file, in whatever order they come', async () => {
  await sing(timed('Beside'))
  await sing(timed('Embedded'), { origin: 'EMBEDDED' })
  const after = await lyricsOf(NIGHT)
  await catalog.db.$executeRaw`TRUNCATE lyrics`
  await write({
    ...draftTracks(),
    lyrics: [
      { trackId: NIGHT, origin: 'EMBEDDED', lyrics: timed('Embedded') },
      { trackId: NIGHT, origin: 'FILE', lyrics: timed('Beside') },
    ],
  })

  expect(after.text).toBe('Beside')
  expect(await catalog.db.lyrics.findMany({ select: { origin: true } })).toEqual([{ origin: 'FILE' }])
})

test('tags overwrite what stood in tags before; a track that is not there has no lyrics', async () => {
  await sing(timed('Old'), { origin: 'EMBEDDED' })
  await sing(timed('New'), { origin: 'EMBEDDED' })
  await sing(timed('Nobody'), { trackId: idOf('track', 'Nothing') })

  expect((await lyricsOf(NIGHT)).text).toBe('New')
  expect(await catalog.db.lyrics.count()).toBe(1)
})

test('lyrics of a track of the same draft are there with it', async () => {
  const draft = draftTracks({ title: 'Dawn' })
  const lyrics = timed('One')
  await write({ ...draft, lyrics: [{ trackId: idOf('track', 'Dawn'), origin: 'EMBEDDED', lyrics }] })

  expect((await lyricsOf(idOf('track', 'Dawn'))).text).toBe('One')
  expect(await catalog.events(CHANGED)).toMatchObject([{ title: 'Dawn', version: 1 }])
})

test('lyrics of all tracks of an album are one read', async () => {
  const document = '{ album(id: $id) { tracks { nodes { lyrics { text } } } } }'
  await sing(timed('One'))

  const sent = await statementsOf(() =>
    catalog.answer(`query ($id: ID!) ${document}`, { id: idOf('album', 'Tide') }),
  )

  expect(sent.filter((statement) => statement.includes('FROM lyrics'))).toHaveLength(1)
})

test('what is kept of lyrics goes when they change', async () => {
  await catalog.room.start()
  await sing(timed('One'))
  await lyricsOf(NIGHT)
  await sing(timed('Two'))

  await expect.poll(async () => (await lyricsOf(NIGHT)).text).toBe('Two')
})
