import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { anonymous } from '#shared/identity.ts'
import type { LocalRoom } from '#shared/room.ts'
import { createLogger } from '#shared/telemetry.ts'
import { migrate } from '../../prisma/migrate.ts'
import { ROOMS } from '../../schema/supergraph.ts'
import { createCatalogRoom } from '../../subgraphs/catalog/server.ts'
import { startPostgres } from '../standalone/postgres.ts'
import { percentile, report } from './report.ts'

const TITLES = 200
const SEED = 20_261_121
const WORDS = 4

/**
 * `npm run bench -- import FILE.csv[.gz]`: imports the file twice into an empty database, then searches 200 seeded titles by
 * their first words and counts how many are among the first three.
 */
export async function run([file]: readonly string[]): Promise<void> {
  if (file === undefined) throw new Error('Which file? npm run bench -- import FILE.csv[.gz]')
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), password: 'bench' })
  try {
    for (const room of ROOMS) await migrate(room, postgres.url)
    const first = await importFile(file, postgres.url)
    const second = await importFile(file, postgres.url)
    process.stdout.write(`${first.output}\n${second.output}\n`)
    const log = await createEmbeddedLog(postgres.url)
    const logger = createLogger('bench', 'warn')
    const catalog = await createCatalogRoom({
      databaseUrl: postgres.url,
      log,
      logger,
      home: folder,
      publicUrl: 'http://bench',
    })
    const searched = await searchTitles(catalog, await sampleTitles(postgres.url))
    await catalog.stop()
    await log.close()
    report('import', [
      { what: 'tracks after the first run', value: first.rows, unit: '' },
      { what: 'seconds of the first run', value: first.seconds, unit: 's' },
      { what: 'tracks after the second run', value: second.rows, unit: '' },
      { what: 'seconds of the second run', value: second.seconds, unit: 's' },
      { what: `of ${TITLES} titles in the first three (seed ${SEED})`, value: searched.found, unit: '' },
      { what: 'search p50', value: percentile(searched.milliseconds, 0.5), unit: 'ms' },
      { what: 'search p99', value: percentile(searched.milliseconds, 0.99), unit: 'ms' },
    ])
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function importFile(
  file: string,
  databaseUrl: string,
): Promise<{ seconds: number; rows: number; output: string }> {
  const begun = performance.now()
  const args = ['--import', 'tsx', 'subgraphs/catalog/import.ts', file]
  // biome-ignore lint/style/noProcessEnv: a child gets the environment of its parent
  const env = { ...process.env, DATABASE_URL: databaseUrl }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 2 ** 24 })
  const seconds = (performance.now() - begun) / 1_000
  return {
    seconds,
    rows:
      (await query<{ rows: number }>(databaseUrl, 'SELECT count(*)::int AS rows FROM catalog.track'))[0]
        ?.rows ?? 0,
    output: stdout.trim().split('\n').at(-1) ?? '',
  }
}

interface Title {
  id: string
  title: string
}

function sampleTitles(databaseUrl: string): Promise<Title[]> {
  return query<Title>(
    databaseUrl,
    `SELECT id, title FROM catalog.track ORDER BY md5(id || '${SEED}') LIMIT ${TITLES}`,
  )
}

/** A title counts as found when a track of that very title is among the first three: several may share it. */
async function searchTitles(
  catalog: LocalRoom,
  titles: readonly Title[],
): Promise<{ found: number; milliseconds: number[] }> {
  const document =
    'query($query: String!) { search(query: $query, first: 3) { tracks { edges { node { id title } } } } }'
  const milliseconds: number[] = []
  let found = 0
  for (const { id, title } of titles) {
    const words = title.split(/\s+/).slice(0, WORDS).join(' ')
    const begun = performance.now()
    const { data } = await catalog.execute({
      query: document,
      variables: { query: words },
      identity: anonymous('US'),
    })
    milliseconds.push(performance.now() - begun)
    const { search } = data as { search: { tracks: { edges: { node: Title }[] } } }
    const isFound = search.tracks.edges.some(({ node }) => node.id === id || node.title === title)
    if (isFound) found++
    else process.stdout.write(`not found: "${title}" by "${words}"\n`)
  }
  return { found, milliseconds }
}

async function query<Row extends pg.QueryResultRow>(databaseUrl: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}
