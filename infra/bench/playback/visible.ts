import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { playsOf } from '../../../subgraphs/recommendations/services/heat.ts'
import { type ApiClient, createApiClient, type Json, list, signIn } from '../../testing/client.ts'
import { cpuMs } from '../gateway/process.ts'
import { showProgress } from '../progress.ts'
import { type Figure, percentile, report } from '../report.ts'
import { openPlayHouse, signUpListeners } from './house.ts'

/** A playback of one of the listeners whose report is yet to come. */
interface OpenPlay {
  client: ApiClient
  playbackId: string
  trackId: string
  openedAt: number
}

/** When a report was answered, by the track it was of. */
type Answered = Map<string, number[]>

/** What was seen at a moment, by track: how many of our plays. */
interface Sight {
  at: number
  plays: ReadonlyMap<string, number>
}

const LISTENERS = 100
const HEARD_MS = 31_000
const LOOK_EVERY_MS = 50
const GIVE_UP_MS = 60_000
const CHART = `query ($country: CountryCode) {
  trending(country: $country, first: 100) { edges { cursor node { id } } }
}`
const CREDITS = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Track { id artists { id } } } }'
const DASHBOARD =
  'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Artist { id analytics(days: 2) { plays } } } }'

/**
 * `npm run bench -- visible [--plays 300] [--rate 5]`: plays are reported through the door of one process, so many a second; how long from
 * the answer to each until trending of their country and the dashboard of their artist have it.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { plays: { type: 'string', default: '300' }, rate: { type: 'string', default: '5' } },
  })
  const [count, rate] = [Number(values.plays), Number(values.rate)]
  await using house = await openPlayHouse()
  const { url, pid } = house.service
  const admin = await signIn(url, 'admin@cadenza.example')
  const artistOf = await readArtists(admin, house.trackIds)
  const listeners = await signUpListeners(url, LISTENERS)
  const plays: OpenPlay[] = []
  for (let index = 0; index < count; index++) {
    const { client } = listeners[index % LISTENERS] as (typeof listeners)[number]
    plays.push(await open(client, house.trackIds[index % house.trackIds.length] as string))
    showProgress('playbacks', index + 1, count)
  }
  await sleep(HEARD_MS)

  const visitor = createApiClient(url)
  const chart = watch(() => readChart(visitor, house.trackIds))
  const dashboard = watch(() => readDashboard(admin, artistOf))
  await Promise.all([chart.begun, dashboard.begun])
  const before = cpuMs(pid)
  const { answered, waits } = await reportAll(plays, rate)
  const cpu = (cpuMs(pid) - before) / count
  const isSeen = ({ sights }: Watch): boolean =>
    [...answered].every(([trackId, times]) => (sights.at(-1)?.plays.get(trackId) ?? 0) >= times.length)
  const end = performance.now() + GIVE_UP_MS
  while (performance.now() < end && !(isSeen(chart) && isSeen(dashboard))) await sleep(LOOK_EVERY_MS)
  await Promise.all([chart.stop(), dashboard.stop()])

  report(`visible: ${count} plays at ${rate}/s, looked for each ${LOOK_EVERY_MS} ms`, [
    ...figuresOf('trending', delays(answered, chart.sights)),
    ...figuresOf('dashboard', delays(answered, dashboard.sights)),
    { what: 'report, p99', value: percentile(waits, 0.99), unit: 'ms' },
    { what: 'processor, lookers included', value: cpu, unit: 'ms a play' },
  ])
}

function figuresOf(what: string, times: readonly number[]): Figure[] {
  const seen = times.filter((time) => time < Number.POSITIVE_INFINITY)
  return [
    { what: `${what}: answer to visible, p50`, value: percentile(seen, 0.5), unit: 'ms' },
    { what: `${what}: answer to visible, p99`, value: percentile(seen, 0.99), unit: 'ms' },
    { what: `${what}: never seen`, value: times.length - seen.length, unit: `of ${times.length}` },
  ]
}

async function open(client: ApiClient, trackId: string): Promise<OpenPlay> {
  const input = { trackId, deviceId: client.deviceId, networkKbps: 3_000 }
  const { playbackStart } = await client.data('PlaybackStart', { input })
  return { client, trackId, playbackId: String(playbackStart?.['playbackId']), openedAt: Date.now() }
}

/** Each in its turn, whoever still waits for an answer. */
async function reportAll(
  plays: readonly OpenPlay[],
  rate: number,
): Promise<{ answered: Answered; waits: number[] }> {
  const answered: Answered = new Map()
  const waits: number[] = []
  const begun = performance.now()
  await Promise.all(
    plays.map(async ({ client, playbackId, trackId, openedAt }, index) => {
      await sleep(begun + (index * 1_000) / rate - performance.now())
      const from = performance.now()
      const events = [
        { eventId: 'start', kind: 'START', positionMs: 0, at: openedAt },
        { eventId: 'beat', kind: 'HEARTBEAT', positionMs: HEARD_MS, at: openedAt + HEARD_MS },
      ].map(({ at, ...event }) => ({ ...event, playbackId, at: new Date(at).toISOString() }))
      const { playbackReport } = await client.data('PlaybackReport', { events })
      if (playbackReport?.['accepted'] !== (2 as unknown)) throw new Error(JSON.stringify(playbackReport))
      const at = performance.now()
      waits.push(at - from)
      answered.set(trackId, [...(answered.get(trackId) ?? []), at])
      showProgress('reports', waits.length, plays.length)
    }),
  )
  return { answered, waits }
}

/** For each play the time from its answer until so many plays of its track were seen as had been answered then. */
function delays(answered: Answered, sights: readonly Sight[]): number[] {
  return [...answered].flatMap(([trackId, times]) =>
    times.map((answeredAt, index) => {
      const sight = sights.find(({ plays }) => (plays.get(trackId) ?? 0) > index)
      return sight === undefined ? Number.POSITIVE_INFINITY : Math.max(0, sight.at - answeredAt)
    }),
  )
}

interface Watch {
  /** Once it has looked for the first time: plays are counted from there. */
  begun: Promise<void>
  sights: Sight[]
  stop(): Promise<void>
}

/** Looks again and again; `read` says by track how much there is of it, of which what was there at first is not ours. */
function watch(read: () => Promise<Map<string, number>>): Watch {
  const sights: Sight[] = []
  let isOver = false
  let began: () => void = () => undefined
  const begun = new Promise<void>((resolve) => {
    began = resolve
  })
  const looking = (async () => {
    const first = await read()
    began()
    while (!isOver) {
      const now = await read()
      const plays = new Map([...now].map(([id, value]) => [id, Math.round(value - (first.get(id) ?? 0))]))
      sights.push({ at: performance.now(), plays })
      await sleep(LOOK_EVERY_MS)
    }
  })()
  return {
    begun,
    sights,
    async stop() {
      isOver = true
      await looking
    },
  }
}

/** A cursor of the chart says how hot its track is: in plays, ours being new enough to count whole. */
async function readChart(client: ApiClient, trackIds: readonly string[]): Promise<Map<string, number>> {
  const { trending } = await client.data(CHART, { country: 'US' })
  const heats = list(trending?.['edges']).map(({ cursor, node }: Json): [string, number] => {
    const [, heat = ''] = JSON.parse(Buffer.from(String(cursor), 'base64url').toString()) as string[]
    return [String(node?.['id']), heat === '' ? 0 : playsOf(Number(heat), Date.now())]
  })
  return new Map(heats.filter(([id]) => trackIds.includes(id)))
}

async function readArtists(client: ApiClient, trackIds: readonly string[]): Promise<Map<string, string>> {
  const { nodes } = await client.data(CREDITS, { ids: trackIds })
  return new Map(list(nodes).map((track) => [String(track['id']), String(track['artists']?.[0]?.['id'])]))
}

/** Plays of the artist of each track: of these artists no other track is played. */
async function readDashboard(
  client: ApiClient,
  artistOf: ReadonlyMap<string, string>,
): Promise<Map<string, number>> {
  const { nodes } = await client.data(DASHBOARD, { ids: [...artistOf.values()] })
  const plays = new Map(list(nodes).map((artist) => [artist['id'], Number(artist['analytics']?.['plays'])]))
  return new Map(
    [...artistOf].map(([trackId, artistId]) => [trackId, plays.get(artistId as unknown as Json) ?? 0]),
  )
}
