import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeCursor } from '#shared/connection.ts'
import { type Answer, createTestCatalog, type TestCatalog } from './testing/catalog-room.ts'
import { idOf } from './testing/drafts.ts'
import { blocksOf } from './testing/plans.ts'

const MANY = 12_000
const FAR = 10_000

const GENRE = idOf('genre', 'Everything')
const ALBUM = idOf('album', 'Endless')
const ARTIST = idOf('artist', 'Tireless')
const SHOW = idOf('show', 'Daily')

let catalog: TestCatalog

/** One genre, album, artist and show with 12,000 of what they list. */
beforeAll(async () => {
  catalog = await createTestCatalog()
  const { db } = catalog
  const source = ['test', 'key', 'hash']
  await db.$executeRaw`INSERT INTO genre (id, name, source, source_key, source_hash) VALUES (${GENRE}, 'Everything', 'test', 'g', '')`
  await db.$executeRaw`INSERT INTO artist (id, name, source, source_key, source_hash) VALUES (${ARTIST}, 'Tireless', 'test', 'a', '')`
  await db.$executeRaw`INSERT INTO show (id, title, source, source_key, source_hash) VALUES (${SHOW}, 'Daily', 'test', 's', '')`
  await db.$executeRaw`
    INSERT INTO album (id, title, kind, release_date, source, source_key, source_hash)
    SELECT CASE n WHEN 0 THEN ${ALBUM} ELSE 'album_' || lpad(n::text, 22, '0') END, 'Album', 'ALBUM',
           CASE WHEN n % 10 > 0 THEN date '1990-01-01' + n / 3 END, ${source[0]}, n::text, ''
      FROM generate_series(0, ${MANY}::int - 1) AS n`
  await db.$executeRaw`
    INSERT INTO album_artist (album_id, artist_id, position, released)
    SELECT id, ${ARTIST}, 0, coalesce(release_date, '-infinity') FROM album`
  await db.$executeRaw`
    INSERT INTO track (id, title, duration_ms, album_id, disc_number, track_number, popularity, source, source_key, source_hash)
    SELECT 'track_' || lpad(n::text, 22, '0'), 'Track', 1000, ${ALBUM}, n / 5000, n % 5000, n % 101, 'test', n::text, ''
      FROM generate_series(0, ${MANY}::int - 1) AS n`
  await db.$executeRaw`INSERT INTO track_genre (track_id, genre_id, position, popularity) SELECT id, ${GENRE}, 0, popularity FROM track`
  await db.$executeRaw`INSERT INTO track_artist (track_id, artist_id, position, popularity) SELECT id, ${ARTIST}, 0, popularity FROM track`
  await db.$executeRaw`
    INSERT INTO episode (id, show_id, title, duration_ms, place, source, source_key, source_hash)
    SELECT 'episode_' || lpad(n::text, 22, '0'), ${SHOW}, 'Episode', 1000,
           episode_place('EPISODIC', CASE WHEN n % 10 > 0 THEN timestamptz '2020-01-01' + n * interval '1 hour' END, NULL, NULL),
           'test', n::text, ''
      FROM generate_series(0, ${MANY}::int - 1) AS n`
  await db.$executeRaw`ANALYZE`
})
afterAll(() => catalog[Symbol.asyncDispose]())

const LISTS = [
  [
    'tracks of a genre',
    GENRE,
    'Genre',
    'tracks',
    'SELECT popularity::text AS a, track_id AS b FROM track_genre ORDER BY popularity DESC, track_id COLLATE "C"',
  ],
  [
    'tracks of an album',
    ALBUM,
    'Album',
    'tracks',
    'SELECT disc_number::text AS a, track_number::text AS b, id AS c FROM track ORDER BY 1, track_number, id',
  ],
  [
    'albums of an artist',
    ARTIST,
    'Artist',
    'albums',
    'SELECT released::text AS a, album_id AS b FROM album_artist ORDER BY released DESC, album_id COLLATE "C" DESC',
  ],
  [
    'episodes of a show',
    SHOW,
    'Show',
    'episodes',
    'SELECT place::text AS a, id AS b FROM episode ORDER BY place, id COLLATE "C"',
  ],
] as const

test.each(LISTS)(
  'a page of %s costs the same after 10 and after 10,000',
  async (_, id, type, field, order) => {
    const positions = await catalog.db.$queryRawUnsafe<Record<'a' | 'b' | 'c', string>[]>(order)
    const query = `query ($id: ID!, $after: String) { node(id: $id) { ... on ${type} { ${field}(first: 20, after: $after) { nodes { id } } } } }`
    const cursorAt = (offset: number): string =>
      encodeCursor(...Object.values(positions[offset - 1] as object))
    const pageAt = async (offset: number): Promise<string[]> => {
      const { node }: Answer = await catalog.answer(query, { id, after: cursorAt(offset) })
      return node[field].nodes.map((row: { id: string }) => row.id)
    }
    const expected = (offset: number): string[] =>
      positions.slice(offset, offset + 20).map((position) => position.c ?? position.b)

    const near = await blocksOf(catalog.url, () => pageAt(10))
    const far = await blocksOf(catalog.url, () => pageAt(FAR))

    expect([await pageAt(10), await pageAt(FAR)]).toEqual([expected(10), expected(FAR)])
    // 20 rows by their links, each found by a key of two or three levels: a page read from the start would take hundreds more.
    expect(near).toBeLessThan(150)
    expect(far).toBeLessThan(near + 20)
  },
)

test('the top tracks of an artist with 12,000 are read from an index', async () => {
  const query = 'query ($id: ID!) { artist(id: $id) { topTracks(first: 10) { id popularity: title } } }'

  expect(await blocksOf(catalog.url, () => catalog.answer(query, { id: ARTIST }))).toBeLessThan(100)
})
