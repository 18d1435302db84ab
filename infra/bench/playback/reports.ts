import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { Pool } from 'undici'
import { newId } from '#shared/id.ts'
import { firstTrackIds } from '../../standalone/demo.ts'
import { startPostgres } from '../../standalone/postgres.ts'
import { startService } from '../../testing/cadenza.ts'
import { operation } from '../../testing/operations.ts'
import { cpuMs } from '../gateway/process.ts'
import { treeOf } from '../process-tree.ts'
import { type Figure, percentile, report } from '../report.ts'
import { type Listener, PRODUCTION, signUpListeners } from './house.ts'

const LISTENERS = 50
/** A report tells of five playbacks, two minutes of each. */
const PLAYBACKS = 5
const KINDS = ['START', ...Array<string>(8).fill('HEARTBEAT'), 'COMPLETE']
const EVENTS = PLAYBACKS * KINDS.length
const STEP_MS = 13_000
const CONNECTIONS = 32
const WARM_UP = 200

interface Sent {
  listener: Listener
  body: string
}

/**
 * `npm run bench -- reports [--reports 4000] [--rate 5000]`: `playbackReport` through the door of one process, 50 events a report, all
 * of plays that count of ten tracks: as many as it takes with 32 reports under way, then at a steady rate of events a second.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { reports: { type: 'string', default: '4000' }, rate: { type: 'string', default: '5000' } },
  })
  const home = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  const postgres = await startPostgres({ folder: join(home, 'postgres'), password: 'for-this-bench-only' })
  const environment = { CADENZA_HOME: home, PORT: '0', DATABASE_URL: postgres.url, ...PRODUCTION }
  const service = await startService('index', environment).catch(async (error: unknown) => {
    await postgres.stop()
    throw error
  })
  const db = new pg.Pool({ connectionString: postgres.url, max: 1 })
  const pool = new Pool(new URL(service.url).origin, { connections: CONNECTIONS, pipelining: 1 })
  const figures: Figure[] = []
  const failures: string[] = []

  async function send({ listener: { headers }, body }: Sent): Promise<void> {
    const answer = await pool.request({ path: '/graphql', method: 'POST', headers, body })
    const text = await answer.body.text()
    if (!text.includes(`"accepted":${EVENTS},`)) failures.push(text.slice(0, 300))
  }

  async function processors(): Promise<Record<'door and rooms' | 'PostgreSQL' | 'this bench', number>> {
    const { user, system } = process.cpuUsage()
    return {
      'door and rooms': cpuMs(service.pid),
      PostgreSQL: (await treeOf(postgres.pid)).reduce((sum, pid) => sum + cpuOf(pid), 0),
      'this bench': (user + system) / 1_000,
    }
  }

  /** Runs a phase of so many reports, and says what it took. */
  async function measure(what: string, sent: readonly Sent[], run: () => Promise<number[]>): Promise<void> {
    const [before, begun] = [await processors(), performance.now()]
    const times = await run()
    const seconds = (performance.now() - begun) / 1_000
    const after = await processors()
    const events = sent.length * EVENTS
    figures.push(
      { what: `${what}, accepted`, value: events / seconds, unit: 'events/s' },
      { what: `${what}, a report, p50`, value: percentile(times, 0.5), unit: 'ms' },
      { what: `${what}, a report, p99`, value: percentile(times, 0.99), unit: 'ms' },
    )
    for (const of of ['door and rooms', 'PostgreSQL', 'this bench'] as const)
      figures.push({
        what: `${what}, processor, ${of}`,
        value: ((after[of] - before[of]) * 1_000) / events,
        unit: 'us an event',
      })
  }

  try {
    const listeners = await signUpListeners(service.url, LISTENERS)
    const reports = await prepareReports(db, listeners, WARM_UP + 2 * Number(values.reports))
    const warmUp = reports.splice(0, WARM_UP)
    await atOnce(warmUp, send)
    const [first, second] = [reports.splice(0, Number(values.reports)), reports]
    await measure('as many as it takes', first, () => atOnce(first, send))
    const perSecond = Number(values.rate) / EVENTS
    await measure(`at ${values.rate} events/s`, second, () => atRate(second, perSecond, send))
    const all = (WARM_UP + first.length + second.length) * PLAYBACKS
    figures.push(
      { what: 'plays counted', value: await countedOf(db, listeners), unit: `of ${all}` },
      { what: 'reports not accepted whole', value: failures.length, unit: '' },
    )
    for (const failure of failures.slice(0, 3)) process.stdout.write(`${failure}\n`)
    report('reports', figures)
  } finally {
    await pool.close()
    await db.end()
    await service.stop()
    await postgres.stop()
    await rm(home, { recursive: true, force: true })
  }
}

/** None of a connection that has just ended. */
function cpuOf(pid: number): number {
  try {
    return cpuMs(pid)
  } catch {
    return 0
  }
}

/** Playbacks that were opened an hour ago, as `playbackStart` writes them, and what their players would report. */
async function prepareReports(db: pg.Pool, listeners: readonly Listener[], count: number): Promise<Sent[]> {
  const query = operation('PlaybackReport')
  const tracks = firstTrackIds()
  const startedAt = Date.now() - 3_600_000
  const { rows: owners } = await db.query<{ userId: string; deviceId: string }>(
    `SELECT user_id AS "userId", device_id AS "deviceId" FROM playback.device WHERE device_id = ANY ($1)`,
    [listeners.map(({ client }) => client.deviceId)],
  )
  const ownerOf = new Map(owners.map(({ userId, deviceId }) => [deviceId, userId]))
  const sessions: (readonly [id: string, userId: string, deviceId: string, trackId: string])[] = []
  const reports = Array.from({ length: count }, (_, index): Sent => {
    const listener = listeners[index % listeners.length] as Listener
    const ids = Array.from({ length: PLAYBACKS }, () => newId('playback'))
    const { deviceId = '' } = listener.client
    for (const id of ids)
      sessions.push([
        id,
        ownerOf.get(deviceId) ?? '',
        deviceId,
        tracks[sessions.length % tracks.length] as string,
      ])
    const events = ids.flatMap((playbackId) =>
      KINDS.map((kind, step) => ({
        eventId: newId('event'),
        playbackId,
        kind,
        positionMs: step * STEP_MS,
        at: new Date(startedAt + step * STEP_MS).toISOString(),
      })),
    )
    return { listener, body: JSON.stringify({ query, variables: { events } }) }
  })
  await db.query(
    `INSERT INTO playback.playback_session
       (id, user_id, device_id, playable_id, asset_id, country, quality, duration_ms, started_at, expires_at, tier)
     SELECT id, user_id, device_id, track_id, 'asset', 'US', 'NORMAL', 240000, to_timestamp($5::float8 / 1000), now(), 'FREE'
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS session (id, user_id, device_id, track_id)`,
    [0, 1, 2, 3].map((column) => sessions.map((session) => session[column])).concat([startedAt as never]),
  )
  return reports
}

/** All of them, as many at a time as there are connections; how long each took, in ms. */
async function atOnce(reports: readonly Sent[], send: (one: Sent) => Promise<void>): Promise<number[]> {
  const times: number[] = []
  const rest = reports.values()
  const work = async (): Promise<void> => {
    for (const one of rest) {
      const begun = performance.now()
      await send(one)
      times.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  return times
}

/** So many a second, whoever still waits; how long each took from when it was due, in ms. */
async function atRate(
  reports: readonly Sent[],
  perSecond: number,
  send: (one: Sent) => Promise<void>,
): Promise<number[]> {
  const begun = performance.now()
  const sent: Promise<number>[] = []
  for (const [index, one] of reports.entries()) {
    const dueAt = begun + (index * 1_000) / perSecond
    const early = dueAt - performance.now()
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early))
    sent.push(send(one).then(() => performance.now() - dueAt))
  }
  return Promise.all(sent)
}

async function countedOf(db: pg.Pool, listeners: readonly Listener[]): Promise<number> {
  const { rows } = await db.query<{ counted: number }>(
    'SELECT count(*)::int AS counted FROM playback.play WHERE is_counted AND device_id = ANY ($1)',
    [listeners.map(({ client }) => client.deviceId)],
  )
  return rows[0]?.counted ?? 0
}
