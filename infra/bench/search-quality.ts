import type pg from 'pg'
import { createRandom } from '../../subgraphs/catalog/audio/music/random.ts'
import { readBenchArguments, readTracks } from './catalog/arguments.ts'
import { type BenchRoom, openCatalogHouse } from './catalog/house.ts'
import { mistype } from './catalog/mistakes.ts'
import {
  type Contestant,
  createIlike,
  createMiniSearch,
  createTrigrams,
  type IndexedRow,
} from './catalog/peers.ts'
import { showProgress } from './progress.ts'
import { type Figure, percentile, report } from './report.ts'

const SEED = '20261121'
const SAMPLES = 2_000
const TRACKS = 100_000
const SHOWN = [1, 3, 10] as const

const SEARCH = `query ($query: String!) { search(query: $query, first: 10) {
  tracks { edges { node { id } } }
  artists { edges { node { id } } }
} }`

/**
 * `npm run bench -- search-quality [FILE.csv[.gz] | TRACKS] [--folder FOLDER] [--alone]`: 2,000 titles and names of a catalogue, imported or
 * synthetic, each typed with one and with two random mistakes; by peers too, which at a million tracks would take hours. An answer is right when it is of the same kind and has the same title, but for
 * case, accents and signs: of several songs of one name any will do.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals, folder, isAlone } = readBenchArguments(args)
  const [source] = positionals
  await using house = await openCatalogHouse(folder)
  const isFile = source !== undefined && /\.csv(\.gz)?$/.test(source)
  const filled = isFile
    ? await house.run('import', source)
    : await house.synthesize(readTracks(source, TRACKS))
  process.stdout.write(`${filled}\n`)
  await using room = await house.startRoom()
  const rows = await readRows(house.db)
  const contestants = [createCadenza(room), ...(isAlone ? [] : await createPeers(house.db, rows))]
  try {
    const figures: Figure[] = []
    for (const mistakes of [1, 2]) figures.push(...(await compete(contestants, rows, mistakes)))
    report(`search quality, ${SAMPLES} of ${rows.length} rows, seed ${SEED}`, figures)
  } finally {
    for (const { close } of contestants) await close?.()
  }
}

async function createPeers(db: pg.Pool, rows: readonly IndexedRow[]): Promise<Contestant[]> {
  return [createIlike(db), await createTrigrams(db), await createMiniSearch(rows)]
}

async function readRows(db: pg.Pool): Promise<IndexedRow[]> {
  const { rows } = await db.query<IndexedRow>(
    `SELECT id, kind, title, title_key AS "titleKey", artist, album, popularity FROM search_document
      WHERE kind IN ('TRACK', 'ARTIST', 'ALBUM') ORDER BY id`,
  )
  return rows
}

function createCadenza(room: BenchRoom): Contestant {
  interface Answer {
    search: Record<'tracks' | 'artists', { edges: { node: { id: string } }[] }>
  }
  return {
    name: 'Cadenza',
    async find(kind, typed) {
      const { search } = await room.ask<Answer>(SEARCH, { query: typed })
      return search[kind === 'TRACK' ? 'tracks' : 'artists'].edges.map(({ node }) => node.id)
    },
  }
}

/** What was meant, and what was typed. */
interface Attempt {
  kind: string
  titleKey: string
  typed: string
}

async function compete(
  contestants: readonly Contestant[],
  rows: readonly IndexedRow[],
  mistakes: number,
): Promise<Figure[]> {
  const attempts = chooseAttempts(rows, mistakes)
  const nameOf = new Map(rows.map(({ id, kind, titleKey }) => [id, `${kind} ${titleKey}`]))
  const figures: Figure[] = []
  for (const { name, find } of contestants) {
    const times: number[] = []
    const places: number[] = []
    for (const { kind, titleKey, typed } of attempts) {
      const begun = performance.now()
      const ids = await find(kind, typed)
      times.push(performance.now() - begun)
      const place = ids.findIndex((id) => nameOf.get(id) === `${kind} ${titleKey}`)
      places.push(place === -1 ? Number.POSITIVE_INFINITY : place)
      showProgress(`${name}, ${mistakes} mistakes`, times.length, attempts.length)
    }
    for (const shown of SHOWN) {
      const share = (places.filter((place) => place < shown).length / attempts.length) * 100
      figures.push({ what: `${mistakes} mistakes, in the first ${shown}: ${name}`, value: share, unit: '%' })
    }
    figures.push({ what: `${mistakes} mistakes, p95: ${name}`, value: percentile(times, 0.95), unit: 'ms' })
  }
  return figures
}

/** Titles and names, each once, in a random order. */
function chooseAttempts(rows: readonly IndexedRow[], mistakes: number): Attempt[] {
  const random = createRandom(`${SEED} ${mistakes}`)
  const named = new Map(
    rows.filter(({ kind }) => kind !== 'ALBUM').map((row) => [`${row.kind} ${row.titleKey}`, row]),
  )
  return [...named.values()]
    .map((row) => ({ row, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .slice(0, SAMPLES)
    .map(({ row: { kind, titleKey, title } }) => ({
      kind,
      titleKey,
      typed: [...mistype(title, mistakes, random)].slice(0, 200).join(''),
    }))
}
