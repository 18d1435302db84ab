import { roomAdapter } from '#shared/database.ts'
import { createRandom } from '../../subgraphs/catalog/audio/music/random.ts'
import { PrismaClient } from '../../subgraphs/catalog/generated/prisma/client.ts'
import { createCatalogue } from '../../subgraphs/catalog/services/catalogue.ts'
import { readBenchArguments, readTracks } from './catalog/arguments.ts'
import { type BenchRoom, type CatalogHouse, type Effort, openCatalogHouse } from './catalog/house.ts'
import { timeEach } from './catalog/load.ts'
import { type Figure, percentile, report } from './report.ts'

const SEED = '20261121'
const AT_ONCE = 8
const COLD_PAGES = 300
const VISITS = 6_000
const KNOWN = 20_000
const READERS = 200
const RENAMES = 20

/** What the catalogue answers of the operations of the same names. */
const PAGES = {
  ArtistPage: `query ($id: ID!) { artist(id: $id) { id name genres { name }
    albums(first: 20) { edges { cursor node { id title tracks(first: 30) { nodes { id title artists { name } } } } } pageInfo { hasNextPage endCursor } }
    topTracks(first: 10) { id title } } }`,
  TrackPage: `query ($id: ID!) { track(id: $id) { id title durationMs explicit isrc genres { name } markets
    album { id title releaseDate kind tracks(first: 50) { nodes { id title discNumber trackNumber } } }
    artists { id name } audioFeatures { tempo key mode energy danceability valence acousticness instrumentalness loudness speechiness } } }`,
} as const

interface Visit {
  page: keyof typeof PAGES
  id: string
}

/**
 * `npm run bench -- metadata [TRACKS] [--folder FOLDER]`: pages of artists and tracks of a synthetic catalogue, cold and as people visit them
 * (the n-th best known 1/n as often), with the cache and without; 200 readers of one cold artist; renames seen by two processes.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals, folder } = readBenchArguments(args)
  const tracks = readTracks(positionals[0], 1_000_000)
  await using house = await openCatalogHouse(folder)
  process.stdout.write(`${await house.synthesize(tracks)}\n`)
  const visits = await chooseVisits(house)
  report(`metadata, ${tracks} tracks, seed ${SEED}, ${AT_ONCE} at a time`, [
    ...(await measureCold(house)),
    ...(await measureVisits(house, 'without cache', visits, { CADENZA_CATALOG_CACHE_MB: '0' })),
    ...(await measureVisits(house, 'with cache', visits, {})),
    ...(await measureCrowd(house)),
    ...(await measureRenames(house)),
  ])
}

async function idsOf({ db }: CatalogHouse, table: 'artist' | 'track', count: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM ${table} ORDER BY popularity DESC, md5(id || $1) LIMIT $2`,
    [SEED, count],
  )
  return rows.map(({ id }) => id)
}

async function chooseVisits(house: CatalogHouse): Promise<Visit[]> {
  const random = createRandom(SEED)
  const ids = {
    ArtistPage: await idsOf(house, 'artist', KNOWN),
    TrackPage: await idsOf(house, 'track', KNOWN),
  }
  return Array.from({ length: VISITS }, (): Visit => {
    const page = random.chance(0.5) ? 'ArtistPage' : 'TrackPage'
    const rank = Math.floor((ids[page].length + 1) ** random.next()) - 1
    return { page, id: ids[page][rank] ?? '' }
  })
}

const visit = (room: BenchRoom) => (at: Visit) => room.ask(PAGES[at.page], { id: at.id })

/** Pages nobody has asked for: how many statements each is, and how long it takes. */
async function measureCold(house: CatalogHouse): Promise<Figure[]> {
  await using room = await house.startRoom({ CADENZA_CATALOG_CACHE_MB: '0' })
  const figures: Figure[] = []
  for (const [page, table] of [
    ['ArtistPage', 'artist'],
    ['TrackPage', 'track'],
  ] as const) {
    const { rows } = await house.db.query<{ id: string }>(
      `SELECT id FROM ${table} ORDER BY md5(id || $1) LIMIT $2`,
      [SEED, COLD_PAGES * 2],
    )
    const visits = rows.map(({ id }) => ({ page, id }))
    await timeEach(visits.slice(COLD_PAGES), AT_ONCE, visit(room))
    const before = await statementsOf(house)
    const spent = await room.effort()
    const times = await timeEach(visits.slice(0, COLD_PAGES), AT_ONCE, visit(room))
    const statements = (await statementsOf(house)) - before
    figures.push(
      { what: `${page}, cold: reads`, value: statements / COLD_PAGES, unit: '' },
      ...spread(`${page}, cold`, times),
      ...(await processorOf(room, spent, `${page}, cold`, COLD_PAGES)),
    )
  }
  return figures
}

/** Statements that read rows of the catalogue, so far. */
async function statementsOf({ db }: CatalogHouse, of = '%'): Promise<number> {
  const { rows } = await db.query<{ calls: number }>(
    `SELECT coalesce(sum(calls), 0)::int AS calls FROM pg_stat_statements
      WHERE query ~ '(FROM|JOIN) (artist|album|track|genre)' AND query !~ 'md5|outbox|source' AND query LIKE $1`,
    [of],
  )
  return rows[0]?.calls ?? 0
}

async function measureVisits(
  house: CatalogHouse,
  how: string,
  visits: readonly Visit[],
  environment: Record<string, string>,
): Promise<Figure[]> {
  await using room = await house.startRoom(environment)
  const half = visits.length / 2
  await timeEach(visits.slice(0, half), AT_ONCE, visit(room))
  const count = (outcome: string): Promise<number> =>
    room.metric('cadenza_catalog_cache_reads_total', `"${outcome}"`)
  const before = [await count('hit'), await count('miss')] as const
  const statements = await statementsOf(house)
  const spent = await room.effort()
  const begun = performance.now()
  const times = await timeEach(visits.slice(half), AT_ONCE, visit(room))
  const seconds = (performance.now() - begun) / 1_000
  const [hits, misses] = [(await count('hit')) - before[0], (await count('miss')) - before[1]]
  return [
    { what: `visits ${how}: hits`, value: (hits / Math.max(hits + misses, 1)) * 100, unit: '%' },
    {
      what: `visits ${how}: reads a page`,
      value: ((await statementsOf(house)) - statements) / half,
      unit: '',
    },
    { what: `visits ${how}: pages a second`, value: half / seconds, unit: '' },
    ...spread(`visits ${how}`, times),
    ...(await processorOf(room, spent, `visits ${how}`, half)),
    { what: `visits ${how}: memory of the room`, value: (await room.memory()).now, unit: 'MB' },
  ]
}

async function measureCrowd(house: CatalogHouse): Promise<Figure[]> {
  await using room = await house.startRoom()
  const [id = ''] = await idsOf(house, 'artist', 1)
  const before = await statementsOf(house, '%FROM artist WHERE id%')
  const readers = Array.from({ length: READERS }, () => id)
  await timeEach(readers, READERS, (artist) =>
    room.ask('query ($id: ID!) { artist(id: $id) { name } }', { id: artist }),
  )
  const reads = (await statementsOf(house, '%FROM artist WHERE id%')) - before
  return [{ what: `reads for ${READERS} at once of one cold artist`, value: reads, unit: '' }]
}

/** An artist is renamed by another process than the two that are asked, and both are asked until they know. */
async function measureRenames(house: CatalogHouse): Promise<Figure[]> {
  await using one = await house.startRoom()
  await using two = await house.startRoom()
  const db = new PrismaClient({ adapter: roomAdapter(house.url, 'catalog', 2) })
  const nameIn = async (room: BenchRoom, id: string): Promise<string> => {
    const query = 'query ($id: ID!) { artist(id: $id) { name topTracks(first: 1) { artists { name } } } }'
    return (await room.ask<{ artist: { name: string } }>(query, { id })).artist.name
  }
  const times: number[] = []
  try {
    for (const id of await idsOf(house, 'artist', RENAMES)) {
      const { name, source, sourceKey } = await db.artist.findUniqueOrThrow({ where: { id } })
      for (const room of [one, two]) await nameIn(room, id)
      for (const next of [`${name} Renamed`, name]) {
        await rename(db, { id, source, sourceKey, name: next })
        const begun = performance.now()
        for (const room of [one, two]) while ((await nameIn(room, id)) !== next);
        times.push(performance.now() - begun)
      }
    }
  } finally {
    await db.$disconnect()
  }
  return [
    { what: 'a rename is seen by two processes, median', value: percentile(times, 0.5), unit: 'ms' },
    { what: 'a rename is seen by two processes, at most', value: Math.max(...times), unit: 'ms' },
  ]
}

interface Renamed {
  id: string
  source: string
  sourceKey: string
  name: string
}

async function rename(db: PrismaClient, { source, ...artist }: Renamed): Promise<void> {
  const rows = await db.artistGenre.findMany({ where: { artistId: artist.id }, orderBy: { position: 'asc' } })
  const genreIds = rows.map(({ genreId }) => genreId)
  const nothing = { genres: [], albums: [], albumCredits: [], tracks: [], shows: [], episodes: [] }
  await createCatalogue(db).write({ ...nothing, source, artists: [{ ...artist, genreIds }] })
}

function spread(what: string, times: readonly number[]): Figure[] {
  return [0.5, 0.95].map((at) => ({
    what: `${what}: p${at * 100}`,
    value: percentile(times, at),
    unit: 'ms',
  }))
}

/** What each of so many pages took of the processors since `before`. */
async function processorOf(room: BenchRoom, before: Effort, what: string, pages: number): Promise<Figure[]> {
  const now = await room.effort()
  const each = (whose: keyof Effort): number => (now[whose] - before[whose]) / pages
  return [
    { what: `${what}: processor a page, room`, value: each('room'), unit: 'ms' },
    { what: `${what}: processor a page, PostgreSQL`, value: each('database'), unit: 'ms' },
  ]
}
