import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { Pool } from 'undici'
import { anonymous, createInternalTokens, type Identity } from '#shared/identity.ts'
import { type Service, startService } from '../../testing/cadenza.ts'
import { openDatabase } from '../playlists/database.ts'

/** The catalogue on the embedded PostgreSQL, and its room as services. */
export interface CatalogHouse extends AsyncDisposable {
  db: pg.Pool
  url: string
  /** Runs one of the room's commands on this database; returns the last line it printed. */
  run(command: 'import' | 'synthesize', ...args: string[]): Promise<string>
  /** Invents so many tracks where there are fewer; returns a line that says so. */
  synthesize(tracks: number): Promise<string>
  startRoom(environment?: Record<string, string>): Promise<BenchRoom>
}

/** Of the room's process, of PostgreSQL on its behalf, of this one, and of everybody on the machine. */
export interface Effort {
  room: number
  database: number
  bench: number
  machine: number
}

/** A process of the room, asked as the door would ask it. */
export interface BenchRoom extends AsyncDisposable {
  ask<Data>(query: string, variables: Record<string, unknown>, identity?: Identity): Promise<Data>
  /** Resident memory in MB, now and at its highest. */
  memory(): Promise<{ now: number; peak: number }>
  /** Milliseconds of processor time so far: steadier than time where others work too. */
  effort(): Promise<Effort>
  /** The sum of a metric's samples whose line has `text` in it. */
  metric(name: string, text: string): Promise<number>
}

const CONNECTIONS = 256
/** What a server whose catalogue is this large would be given: its indexes fit. */
const SHARED_BUFFERS = '1GB'

export async function openCatalogHouse(folder: string | undefined): Promise<CatalogHouse> {
  const options = { isDurable: true, countsStatements: true, folder, sharedBuffers: SHARED_BUFFERS }
  const database = await openDatabase(options)
  const db = new pg.Pool({ connectionString: database.url, options: '-c search_path=catalog,public', max: 4 })
  db.on('error', () => undefined) // idle connections that end with their server

  const house: CatalogHouse = {
    db,
    url: database.url,
    async synthesize(tracks) {
      const { rows } = await db.query<{ count: number }>('SELECT count(*)::int AS count FROM track')
      const count = rows[0]?.count ?? 0
      return count >= tracks ? `${count} tracks are there` : house.run('synthesize', String(tracks))
    },
    async run(command, ...args) {
      const script = ['--import', 'tsx', `subgraphs/catalog/${command}.ts`, ...args]
      // biome-ignore lint/style/noProcessEnv: a child gets the environment of its parent
      const env = { ...process.env, DATABASE_URL: database.url }
      const { stdout } = await promisify(execFile)(process.execPath, script, { env, maxBuffer: 2 ** 24 })
      return stdout.trim().split('\n').at(-1) ?? ''
    },
    async startRoom(environment = {}) {
      const secret = randomBytes(32).toString('base64url')
      const service = await startService(
        'room',
        {
          CADENZA_HOME: database.folder,
          CADENZA_INTERNAL_SECRET: secret,
          DATABASE_URL: database.url,
          LOG_LEVEL: 'error',
          NODE_ENV: 'production',
          PORT: '0',
          ...environment,
        },
        'catalog',
      )
      return connect(service, secret, db)
    },
    async [Symbol.asyncDispose]() {
      await db.end()
      await database[Symbol.asyncDispose]()
    },
  }
  return house
}

function connect(service: Service, secret: string, db: pg.Pool): BenchRoom {
  const { origin, pathname } = new URL(service.url)
  const pool = new Pool(origin, { connections: CONNECTIONS })
  const tokens = createInternalTokens(secret)
  const read = async (path: string): Promise<string> =>
    (await pool.request({ method: 'GET', path })).body.text()

  return {
    async ask<Data>(query: string, variables: Record<string, unknown>, identity = anonymous('SE')) {
      const { body } = await pool.request({
        method: 'POST',
        path: pathname,
        headers: {
          authorization: `Bearer ${await tokens.sign(identity, 'catalog')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors } = (await body.json()) as { data: Data; errors?: { message: string }[] }
      if (errors !== undefined) throw new Error(`${JSON.stringify(variables)}: ${errors[0]?.message}`)
      return data
    },
    async memory() {
      const status = await readFile(`/proc/${service.pid}/status`, 'utf8')
      const megabytes = (name: string): number =>
        Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1_024
      return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') }
    },
    async effort() {
      const { rows } = await db.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'cadenza catalog'",
      )
      const database = await Promise.all(rows.map(({ pid }) => processorTime(pid)))
      return {
        room: await processorTime(service.pid),
        database: database.reduce((sum, one) => sum + one, 0),
        bench: await processorTime(process.pid),
        machine: await machineTime(),
      }
    },
    async metric(name, text) {
      const lines = (await read('/metrics')).split('\n')
      return lines
        .filter((line) => line.startsWith(name) && line.includes(text))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
    async [Symbol.asyncDispose]() {
      await pool.close()
      await service.stop()
    },
  }
}

/** Of a tick Linux makes ten milliseconds. */
const TICK_MS = 10

async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Everything but idling. */
async function machineTime(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n')
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + interrupts + soft) * TICK_MS
}
