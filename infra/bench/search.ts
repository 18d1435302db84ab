import { anonymous, type Identity } from '#shared/identity.ts'
import { createRandom } from '../../subgraphs/catalog/audio/music/random.ts'
import { readBenchArguments, readTracks } from './catalog/arguments.ts'
import { type BenchRoom, type CatalogHouse, openCatalogHouse } from './catalog/house.ts'
import { timeEach } from './catalog/load.ts'
import { mixQueries, QUERY_KINDS, samplePrefixes } from './catalog/queries.ts'
import { type Figure, percentile, report } from './report.ts'

const SEED = '20261121'
const QUERIES = 1_000
const AT_ONCE = 8
/** Enough to have the indexes in memory, as a server that has run for a while has them. */
const WARM_UP = 1_000
const LISTENER = 'user_of_the_bench'

const SEARCH = `query ($query: String!) { search(query: $query) {
  topHit { __typename ... on Track { title } ... on Artist { name } ... on Album { title } }
  tracks { edges { matchedBy score node { id title artists { name } } } }
  artists { edges { node { id name } } }
  albums { edges { node { id title } } }
  playlists { edges { node { ref } } }
  episodes { edges { node { id title } } }
  didYouMean
} }`
const SUGGEST =
  'query ($prefix: String!) { suggest(prefix: $prefix, first: 8) { text kind node { __typename } } }'

/**
 * `npm run bench -- search [TRACKS] [--folder FOLDER]`: a synthetic catalogue on the embedded PostgreSQL, its room as a service, and 1,000
 * seeded queries and prefixes, 8 at a time, every other one by a listener with a history.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals, folder } = readBenchArguments(args)
  const tracks = readTracks(positionals[0], 1_000_000)
  await using house = await openCatalogHouse(folder)
  const begun = performance.now()
  process.stdout.write(`${await house.synthesize(tracks)}\n`)
  const synthesis = (performance.now() - begun) / 1_000
  await giveHistory(house)

  const random = createRandom(SEED)
  const queries = await mixQueries(house.db, WARM_UP + QUERIES, random)
  const prefixes = await samplePrefixes(house.db, WARM_UP + QUERIES, random)
  await using room = await house.startRoom()
  const search = await measureSearch(room, queries)
  const alone = await timeEach(queries.slice(WARM_UP), 1, ({ text }) => room.ask(SEARCH, { query: text }))
  const suggest = await measureSuggest(room, prefixes)
  const memory = await room.memory()
  report(`search, ${tracks} tracks, seed ${SEED}, ${AT_ONCE} at a time`, [
    { what: 'synthesis, what was there left alone', value: synthesis, unit: 's' },
    ...search,
    ...spread('search, one at a time', alone),
    ...suggest,
    ...(await sizes(house)),
    { what: 'memory of the room afterwards', value: memory.now, unit: 'MB' },
    { what: 'memory of the room at its highest', value: memory.peak, unit: 'MB' },
  ])
}

type Queries = Awaited<ReturnType<typeof mixQueries>>

async function measureSearch(room: BenchRoom, queries: Queries): Promise<Figure[]> {
  const listener: Identity = { ...anonymous('SE'), userId: LISTENER }
  let place = 0
  const ask = ({ text }: Queries[number]): Promise<unknown> =>
    room.ask(SEARCH, { query: text }, place++ % 2 === 0 ? listener : undefined)
  await timeEach(queries.slice(0, WARM_UP), AT_ONCE, ask)
  const measured = queries.slice(WARM_UP)
  const before = await room.effort()
  const times = await timeEach(measured, AT_ONCE, ask)
  const after = await room.effort()
  const spent = (whose: keyof typeof after): number => after[whose] - before[whose]
  const kinds = QUERY_KINDS.map((kind) => ({
    what: `search p95, ${kind}`,
    value: percentile(
      times.filter((_, index) => measured[index]?.kind === kind),
      0.95,
    ),
    unit: 'ms',
  }))
  return [
    ...spread('search', times),
    ...kinds,
    { what: 'processor a search, room', value: spent('room') / measured.length, unit: 'ms' },
    { what: 'processor a search, PostgreSQL', value: spent('database') / measured.length, unit: 'ms' },
    {
      what: 'of the processors, taken by others meanwhile',
      value: (1 - (spent('room') + spent('database') + spent('bench')) / spent('machine')) * 100,
      unit: '%',
    },
  ]
}

async function measureSuggest(room: BenchRoom, prefixes: readonly string[]): Promise<Figure[]> {
  const ask = (prefix: string): Promise<unknown> => room.ask(SUGGEST, { prefix })
  await timeEach(prefixes.slice(0, WARM_UP), AT_ONCE, ask)
  const times = await timeEach(prefixes.slice(WARM_UP), AT_ONCE, ask)
  const again = await timeEach(prefixes.slice(WARM_UP), AT_ONCE, ask)
  return [...spread('suggest', times), ...spread('suggest within the minute', again)]
}

function spread(what: string, times: readonly number[]): Figure[] {
  return [0.5, 0.95, 0.99].map((at) => ({
    what: `${what} p${at * 100}`,
    value: percentile(times, at),
    unit: 'ms',
  }))
}

/** A listener who has played 300 artists, more and less often, and their genres. */
async function giveHistory({ db }: CatalogHouse): Promise<void> {
  await db.query('DELETE FROM listener_artist WHERE user_id = $1', [LISTENER])
  await db.query(
    `INSERT INTO listener_artist SELECT $1, id, 1 + ascii(right(id, 1)) % 20 FROM (SELECT id FROM artist ORDER BY popularity DESC, id LIMIT 300) AS artist`,
    [LISTENER],
  )
  await db.query(
    `INSERT INTO listener_genre
     SELECT user_id, genre_id, sum(plays) FROM listener_artist JOIN artist_genre USING (artist_id) WHERE user_id = $1 GROUP BY 1, 2
         ON CONFLICT DO NOTHING`,
    [LISTENER],
  )
}

async function sizes({ db }: CatalogHouse): Promise<Figure[]> {
  const { rows } = await db.query<{ what: string; megabytes: number }>(
    `SELECT indexrelid::regclass::text AS what, pg_relation_size(indexrelid) / 1048576.0::float8 AS megabytes
       FROM pg_index WHERE indrelid IN ('search_document'::regclass, 'search_word'::regclass)
     UNION ALL SELECT oid::regclass::text, pg_table_size(oid) / 1048576.0::float8 FROM pg_class
       WHERE oid IN ('search_document'::regclass, 'search_word'::regclass)`,
  )
  const indexes = rows.filter(({ what }) => /_(idx|pkey)$/.test(what))
  return [
    ...rows.map(({ what, megabytes }) => ({ what, value: megabytes, unit: 'MB' })),
    {
      what: 'all indexes of search',
      value: indexes.reduce((sum, { megabytes }) => sum + megabytes, 0),
      unit: 'MB',
    },
  ]
}
