import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { type SynthesisOptions, synthesize } from './synthesize.ts'

const SEED = 7
const TRACKS = 2_000

let catalog: TestCatalog
let clients: [pg.Client, pg.Client]

beforeAll(async () => {
  catalog = await createTestCatalog()
})
beforeEach(async () => {
  await catalog.empty()
  clients = [await connect(), await connect()]
})
afterEach(async () => {
  for (const client of clients) await client.end().catch(() => undefined)
})
afterAll(() => catalog[Symbol.asyncDispose]())

async function connect(): Promise<pg.Client> {
  const options = '-c search_path=catalog,public -c TimeZone=UTC'
  const client = new pg.Client({ connectionString: catalog.url, options })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Makes a catalogue, and lets its connections go. */
async function make(options: Partial<SynthesisOptions> = {}): Promise<number> {
  const progress = () => undefined
  try {
    return await synthesize({
      clients,
      seed: SEED,
      tracks: TRACKS,
      onProgress: progress,
      albumsAtOnce: 40,
      ...options,
    })
  } finally {
    for (const client of clients) await client.end().catch(() => undefined)
    clients = [await connect(), await connect()]
  }
}

/** All there is, in one number a table. */
async function contents(): Promise<unknown> {
  const tables = [
    'genre',
    'artist',
    'artist_genre',
    'album',
    'album_artist',
    'track',
    'track_artist',
    'track_genre',
    'search_document',
    'search_word',
  ]
  const rows = await Promise.all(
    tables.map((table) =>
      catalog.db.$queryRawUnsafe(
        `SELECT count(*)::int, md5(string_agg(row::text, ' ' ORDER BY row::text COLLATE "C")) FROM ${table} AS row`,
      ),
    ),
  )
  return Object.fromEntries(tables.map((table, index) => [table, rows[index]]))
}

test('the same seed makes the same catalogue, in one run or cut off and gone on with', async () => {
  expect(await make()).toBe(TRACKS)
  const whole = await contents()
  await catalog.empty()

  let progress = 0
  const cutOff = make({
    onProgress(tracks) {
      progress = tracks
      if (tracks > TRACKS / 3)
        void catalog.db.$executeRaw`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'COPY%' AND pid <> pg_backend_pid()`.catch(
          () => undefined,
        )
    },
  })
  await expect(cutOff).rejects.toThrow()
  const left = await catalog.db.track.count()
  await make()

  expect(progress).toBeGreaterThan(TRACKS / 3)
  expect(left).toBeLessThan(TRACKS)
  expect(await contents()).toEqual(whole)
})

test('what is there stays: a second run adds nothing, a larger one the rest', async () => {
  await make({ tracks: 703 })
  const again = await make({ tracks: 703 })
  const smaller = await make({ tracks: 10 })
  const larger = await make()
  const grown = await contents()
  await catalog.empty()
  await make()

  expect([again, smaller, larger]).toEqual([0, 0, TRACKS - 703])
  expect(grown).toEqual(await contents())
})

test('two at once on one database are refused', async () => {
  const [first, second] = clients
  await first.query(`SELECT pg_advisory_lock(hashtext('catalog.synthesis'))`)

  const refused = synthesize({ clients: [second], seed: SEED, tracks: 100, onProgress: () => undefined })

  await expect(refused).rejects.toThrow('Another synthesis runs on this database')
  expect(await catalog.db.track.count()).toBe(0)
})

test('it looks like a catalogue', async () => {
  await make()

  const [figures] = await catalog.db.$queryRaw<Record<string, number>[]>`
    SELECT (SELECT min(count)::int FROM (SELECT count(*) FROM track GROUP BY album_id OFFSET 1) AS album) AS fewest,
           (SELECT max(count)::int FROM (SELECT count(*) FROM track GROUP BY album_id) AS album) AS most,
           (SELECT count(*)::int FROM artist) AS artists,
           (SELECT max(count)::int FROM (SELECT count(*) FROM album_artist GROUP BY artist_id) AS artist) AS albums,
           (SELECT count(*)::int FROM track WHERE title ~ '[а-я]') AS cyrillic,
           (SELECT count(*)::int FROM track WHERE title ~ '[ぁ-んァ-ン一-龯]') AS japanese,
           (SELECT count(*)::int FROM track WHERE title ~ '[가-힣]') AS korean,
           (SELECT count(*)::int FROM track WHERE title LIKE '%(feat. %') AS guests,
           (SELECT count(DISTINCT title)::int FROM track) AS titles,
           (SELECT count(*)::int FROM track WHERE popularity >= 20) AS known,
           (SELECT count(*)::int FROM track WHERE popularity >= 40) AS hits,
           (SELECT count(*)::int FROM artist a WHERE popularity <> (SELECT max(popularity) FROM track_artist WHERE artist_id = a.id)) AS wrong`
  const {
    fewest = 0,
    most = 0,
    artists = 0,
    albums = 0,
    titles = 0,
    known = 0,
    hits = 0,
    ...some
  } = figures ?? {}

  expect([fewest >= 8, most <= 14, some['wrong']]).toEqual([true, true, 0])
  expect(artists).toBeGreaterThan(TRACKS / 20)
  expect(artists).toBeLessThan(TRACKS / 8)
  expect(albums).toBeGreaterThan(3)
  for (const script of ['cyrillic', 'japanese', 'korean', 'guests']) expect(some[script]).toBeGreaterThan(5)
  expect(titles).toBeGreaterThan(TRACKS / 2)
  // A sixteenth has twenty more: Zipf's law, as plays follow it.
  expect(known / TRACKS).toBeGreaterThan(0.03)
  expect(known / TRACKS).toBeLessThan(0.12)
  expect(hits).toBeLessThan(known / 5)
})

test('what is made is found', async () => {
  await make({ tracks: 500 })
  const rows = await catalog.db.$queryRaw<{ title: string }[]>`SELECT title FROM track ORDER BY id LIMIT 20`
  const query =
    'query ($query: String!) { search(query: $query) { tracks { edges { matchedBy node { title } } } } }'

  for (const { title } of rows) {
    const { search } = await catalog.answer(query, { query: title })
    expect(search.tracks.edges[0]).toMatchObject({
      node: { title },
      matchedBy: expect.arrayContaining(['EXACT']),
    })
  }
})
