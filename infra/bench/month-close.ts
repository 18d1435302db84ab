import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { openDatabase } from './playlists/database.ts'
import { treeMemory, treeOf } from './process-tree.ts'
import { showProgress } from './progress.ts'
import { report } from './report.ts'
import { digestOf, fillMonth, MONTH, type MonthSize } from './royalties/month.ts'
import { chooseSeed } from './seed.ts'

const KILLS = 5
const REVENUE_MICROS = 9_876_543_210_123

/**
 * `npm run bench -- month-close [SEED] [PLAYS]`: 1,000,000 counted plays (or PLAYS) of 50,000 tracks with 20,000 holders are closed by a room, once left
 * alone and asked again, and in a second database with the same plays once ended by SIGKILL five times on the way. Both must have written the
 * same, payouts must be the pool and debits the credits.
 */
export async function run([given, plays]: readonly string[]): Promise<void> {
  const seed = chooseSeed(given)
  const size: MonthSize = { counted: Number(plays ?? 1_000_000), tracks: 50_000, holders: 20_000 }
  await using database = await openDatabase({ isDurable: true })
  const pid = await postgresPid(database.folder)
  const killedUrl = await fillTwice(database.url, size, seed)

  const alone = await watch(close(database.url, database.folder), pid)
  const again = await watch(close(database.url, database.folder), pid)
  for (let kill = 1; kill <= KILLS; kill++) {
    const child = close(killedUrl, database.folder)
    await new Promise((resolve) => setTimeout(resolve, (alone.seconds * 1_000 * kill) / (KILLS + 1)))
    child.kill('SIGKILL')
    showProgress('kills', kill, KILLS)
  }
  const killed = await watch(close(killedUrl, database.folder), pid)

  const [first, second] = [await readBooks(database.url), await readBooks(killedUrl)]
  report('month-close', [
    { what: 'plays, counted', value: first.counted, unit: '' },
    { what: 'plays, billed', value: first.billed, unit: '' },
    { what: 'tracks', value: size.tracks, unit: '' },
    { what: 'holders', value: size.holders, unit: '' },
    { what: 'payouts', value: first.payouts, unit: '' },
    { what: 'close', value: alone.seconds, unit: 's' },
    { what: 'processor of PostgreSQL', value: alone.processorSeconds, unit: 's' },
    { what: 'memory of the room, most', value: alone.nodeMb, unit: 'MB' },
    { what: 'memory of PostgreSQL, most', value: alone.postgresMb, unit: 'MB' },
    { what: 'close asked again', value: again.seconds, unit: 's' },
    { what: `after ${KILLS} kills`, value: killed.seconds, unit: 's' },
    { what: 'payouts less the pool', value: first.unpaid, unit: '' },
    { what: 'debits less credits', value: first.imbalance, unit: '' },
    {
      what: 'statements that differ',
      value: differences([alone.said, again.said, killed.said]) + differences([first.digest, second.digest]),
      unit: '',
    },
  ])
  const isWrong =
    first.unpaid !== 0 ||
    first.imbalance !== 0 ||
    first.digest !== second.digest ||
    alone.said !== killed.said ||
    alone.said !== again.said
  if (isWrong) process.exitCode = 1
}

function differences(said: readonly string[]): number {
  return new Set(said).size - 1
}

/** The plays in the database, and in a copy of it. Returns the copy's address. */
async function fillTwice(url: string, size: MonthSize, seed: number): Promise<string> {
  await inRoom(url, (client) => fillMonth(client, size, seed))
  const admin = new URL(url)
  admin.pathname = '/postgres'
  const copy = new URL(url)
  copy.pathname = '/killed'
  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  await client.query(`CREATE DATABASE killed TEMPLATE ${new URL(url).pathname.slice(1)}`)
  await client.query('CHECKPOINT')
  await client.end()
  return copy.href
}

function close(url: string, home: string): ChildProcess {
  const input = { month: MONTH, currency: 'USD', revenueMicros: REVENUE_MICROS, keptPercent: 30 }
  const args = ['--import', 'tsx', 'infra/bench/month-close-process.ts', url, home, JSON.stringify(input)]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

interface Run {
  seconds: number
  /** Of PostgreSQL: what the close costs where others use the machine too. */
  processorSeconds: number
  nodeMb: number
  postgresMb: number
  said: string
}

async function watch(child: ChildProcess, postgres: number): Promise<Run> {
  const begun = performance.now()
  const before = await processorSeconds(postgres)
  const most = { nodeMb: 0, postgresMb: 0 }
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk))
  const measuring = setInterval(async () => {
    most.nodeMb = Math.max(most.nodeMb, (await treeMemory(child.pid ?? 0)).proportionalMb)
    most.postgresMb = Math.max(most.postgresMb, (await treeMemory(postgres)).proportionalMb)
  }, 1_000)
  const code = await new Promise((resolve) => child.once('close', resolve))
  clearInterval(measuring)
  if (code !== 0) throw new Error(`The close ended with ${code}`)
  const seconds = (performance.now() - begun) / 1_000
  return { seconds, processorSeconds: (await processorSeconds(postgres)) - before, ...most, said }
}

/** What the processes of a server have used so far, those that ended too, from /proc: Linux only. */
async function processorSeconds(root: number): Promise<number> {
  const ticks = await Promise.all(
    (await treeOf(root)).map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number)
      const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15)
      return user + system + (pid === root ? endedUser + endedSystem : 0)
    }),
  )
  return ticks.reduce((sum, one) => sum + (Number.isNaN(one) ? 0 : one), 0) / 100
}

async function readBooks(url: string) {
  return inRoom(url, async (client) => {
    const { rows } = await client.query<
      Record<'counted' | 'billed' | 'payouts' | 'unpaid' | 'imbalance', number>
    >(`
      SELECT (SELECT count(*) FROM play WHERE is_counted)::float8 AS counted, billable_streams AS billed,
             (SELECT count(*) FROM royalty_payout)::float8 AS payouts,
             ((SELECT sum(amount_micros) FROM royalty_payout) - pool_micros)::float8 AS unpaid,
             (SELECT sum(debit_micros) - sum(credit_micros) FROM ledger_posting)::float8 AS imbalance FROM royalty_statement`)
    const [books] = rows
    if (books === undefined) throw new Error('Nothing was closed')
    return { ...books, digest: await digestOf(client) }
  })
}

async function inRoom<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({
    connectionString: url,
    options: '-c search_path=playback,public -c TimeZone=UTC',
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function postgresPid(folder: string): Promise<number> {
  return Number((await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
}
