import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { migrate } from '../../../prisma/migrate.ts'
import { ROOMS } from '../../../schema/supergraph.ts'
import { createChance } from '../../demo/chance.ts'
import { startPostgres } from '../../standalone/postgres.ts'
import { treeMemory } from '../process-tree.ts'
import { showProgress } from '../progress.ts'
import { type Figure, report } from '../report.ts'
import { readCatalogue, type Snapshot } from './catalogue.ts'
import { fetchMusic } from './packages.ts'

const KILLS = 20
const SEED = 'ingest'

/**
 * `npm run bench -- ingest [FOLDER]`: a folder of real music (Debian's, unless one is named) is ingested twice into empty databases, once left
 * alone and once ended by SIGKILL twenty times at random moments. Then both catalogues and storages are compared, row by row and object by
 * object, and it is run once more over what is there.
 */
export async function run([given]: readonly string[]): Promise<void> {
  const folder = given === undefined ? await fetchMusic() : resolve(given)
  const home = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  try {
    const alone = await withHouse(join(home, 'alone'), async (house) => {
      const first = await watch(start(folder, house))
      const again = await watch(start(folder, house))
      return { first, again, snapshot: await readCatalogue(house.url, house.home) }
    })
    const killed = await withHouse(join(home, 'killed'), async (house) => {
      const begun = performance.now()
      const kills = await killOften(() => start(folder, house), alone.first.seconds)
      const last = await watch(start(folder, house))
      const seconds = (performance.now() - begun) / 1_000
      return { kills, last, seconds, snapshot: await readCatalogue(house.url, house.home) }
    })
    process.stdout.write(`left alone:  ${alone.first.said}\nonce more:   ${alone.again.said}\n`)
    process.stdout.write(`after kills: ${killed.last.said}\n`)
    for (const line of alone.first.faults) process.stdout.write(`${line}\n`)
    report('ingest', figures(alone, killed))
    const differences = compare(alone.snapshot, killed.snapshot)
    for (const line of differences.slice(0, 20)) process.stdout.write(`${line}\n`)
    if (differences.length > 0) process.exitCode = 1
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

interface House {
  url: string
  home: string
}

async function withHouse<Result>(home: string, work: (house: House) => Promise<Result>): Promise<Result> {
  const postgres = await startPostgres({ folder: join(home, 'postgres'), password: 'bench' })
  try {
    for (const room of ROOMS) await migrate(room, postgres.url)
    return await work({ url: postgres.url, home })
  } finally {
    await postgres.stop()
  }
}

function start(folder: string, { url, home }: House): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'subgraphs/catalog/ingest.ts', folder], {
    // biome-ignore lint/style/noProcessEnv: a child gets the environment of its parent
    env: { ...process.env, DATABASE_URL: url, CADENZA_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

interface Run {
  seconds: number
  /** The most that the command and its children had at a time. */
  peakMb: number
  said: string
  faults: string[]
}

async function watch(child: ChildProcess): Promise<Run> {
  const begun = performance.now()
  let [out, errors, peakMb] = ['', '', 0]
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk))
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk))
  const measuring = setInterval(() => {
    void treeMemory(child.pid ?? 0).then(({ proportionalMb }) => {
      peakMb = Math.max(peakMb, proportionalMb)
    })
  }, 500)
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(measuring)
  if (code !== 0) throw new Error(`The ingestion ended with ${code}: ${errors}`)
  const faults = errors.split('\n').filter((line) => line.startsWith('Left out'))
  return { seconds: (performance.now() - begun) / 1_000, peakMb, said: out.trim(), faults }
}

/** Ends the command at random moments, spread over half of what it would take; answers how often it was still at work. */
async function killOften(begin: () => ChildProcess, seconds: number): Promise<number> {
  const chance = createChance(SEED)
  let kills = 0
  for (let round = 0; round < KILLS; round++) {
    const child = begin()
    const ended = once(child, 'close')
    child.stdout?.resume()
    child.stderr?.resume()
    // Never so early that nothing has begun: a start is a second or two.
    const wait = 2_000 + chance.next() * Math.max(2_000, (seconds * 1_000) / KILLS)
    const isDone = await Promise.race([
      ended.then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, wait, false)),
    ])
    if (!isDone) {
      child.kill('SIGKILL')
      kills++
    }
    await ended
    showProgress('Ended by SIGKILL', round + 1, KILLS)
  }
  return kills
}

function figures(
  alone: { first: Run; again: Run; snapshot: Snapshot },
  killed: { kills: number; seconds: number; snapshot: Snapshot },
): Figure[] {
  const { first, again, snapshot } = alone
  return [
    { what: 'files', value: snapshot.files, unit: '' },
    { what: 'tracks', value: snapshot.tracks.size, unit: '' },
    { what: 'seconds of audio', value: snapshot.seconds, unit: 's' },
    { what: 'time', value: first.seconds, unit: 's' },
    { what: 'seconds of audio a second', value: snapshot.seconds / first.seconds, unit: '' },
    { what: 'memory, with ffmpeg', value: first.peakMb, unit: 'MB' },
    { what: 'objects stored', value: snapshot.objects.size, unit: '' },
    { what: 'time when nothing has changed', value: again.seconds, unit: 's' },
    { what: 'times ended by SIGKILL', value: killed.kills, unit: '' },
    { what: 'time with them', value: killed.seconds, unit: 's' },
    { what: 'tracks after them', value: killed.snapshot.tracks.size, unit: '' },
    { what: 'rows and objects that differ', value: compare(snapshot, killed.snapshot).length, unit: '' },
    { what: 'orphans left alone', value: snapshot.orphans.length, unit: '' },
    { what: 'orphans after the kills', value: killed.snapshot.orphans.length, unit: '' },
  ]
}

function compare(one: Snapshot, other: Snapshot): string[] {
  const differences = (['tracks', 'objects'] as const).flatMap((kind) => {
    const keys = [...new Set([...one[kind].keys(), ...other[kind].keys()])]
    return keys
      .filter((key) => one[kind].get(key) !== other[kind].get(key))
      .map(
        (key) => `${kind}: ${key}: ${one[kind].get(key) ?? 'missing'} / ${other[kind].get(key) ?? 'missing'}`,
      )
  })
  return [...differences, ...other.orphans.map((orphan) => `orphan: ${orphan}`)]
}
