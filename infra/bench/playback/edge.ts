import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type ClientRequest, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { parseKeyRing } from '../../../subgraphs/playback/services/key-ring.ts'
import { multivariantPath } from '../../../subgraphs/playback/services/stream-path.ts'
import { signStream } from '../../../subgraphs/playback/services/stream-token.ts'
import { CLAIMS, TRACK } from '../../../subgraphs/playback/testing/signed.ts'
import { hasNginx, startNginxEdge } from '../../testing/nginx.ts'
import { cpuMs, residentMb, startOn } from '../gateway/process.ts'
import { treeOf } from '../process-tree.ts'
import { type Figure, percentile, report } from '../report.ts'
import { assetsIn, writeAssets } from './edge-assets.ts'

const EDGE_CPU = 0
const LOAD_CPU = 1
const CONNECTIONS = 50
const SLOW_READERS = 1_000
const SEEKS = 100
const FOUR_MINUTES = 240
const TWO_HOURS = 7_200

/** What is asked for, of four minutes of LOW (clear) or HIGH (encrypted by our edge, kept by nginx). */
const CASES = [
  { what: '16 KiB of a clear file', file: 'low/audio.mp4', range: 'bytes=1000000-1016383' },
  { what: 'a clear segment of 120 kB', file: 'low/audio.mp4', range: 'bytes=1201000-1320999' },
  { what: 'a clear file of 2.9 MB', file: 'low/audio.mp4', range: null },
  { what: 'an encrypted segment of 400 kB', file: 'high/audio.mp4', range: 'bytes=1000-401015' },
  { what: 'a forgery', file: 'low/audio.mp4', range: null, isForged: true },
] as const

interface Edge {
  name: string
  url: string
  pids(): Promise<number[]>
}

/**
 * `npm run bench -- edge [--seconds 5] [--rounds 3]`: our edge beside nginx with `infra/edge/nginx`, each on one processor, the load
 * on the other: the same files, the same check of every URL, in rounds that take turns. Then what slow readers cost, and what a seek
 * in two hours does. Needs nginx, libnginx-mod-http-js, wrk and taskset.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string', default: '5' }, rounds: { type: 'string', default: '3' } },
  })
  if (!hasNginx) throw new Error('This bench needs nginx: apt-get install nginx libnginx-mod-http-js wrk')
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  await writeAssets(folder, { song: FOUR_MINUTES, show: TWO_HOURS })
  const keys = JSON.stringify({ active: 'k1', keys: { k1: Buffer.alloc(32, 5).toString('base64url') } })
  const script = ['--import', 'tsx', 'infra/bench/edge-process.ts', folder, keys]
  const child = startOn(EDGE_CPU, process.execPath, script)
  try {
    while (!child.output().includes('\n')) await pause(50)
    const ours: Edge = { name: 'ours', url: child.output().trim(), pids: async () => [child.pid] }
    await using nginx = await startNginxEdge({
      audio: folder,
      keys: () => keys,
      origin: ours.url,
      workers: 1,
    })
    const peer: Edge = { name: 'nginx', url: nginx.url, pids: () => treeOf(nginx.pid) }
    for (const pid of await peer.pids())
      await promisify(execFile)('taskset', ['-c', '-p', String(EDGE_CPU), String(pid)])
    const path = signer(keys)
    const figures: Figure[] = []
    for (const one of CASES)
      figures.push(...(await compare(one, [ours, peer], path, Number(values.rounds), Number(values.seconds))))
    for (const edge of [ours, peer]) figures.push(...(await readSlowly(edge, path('show', 'low/audio.mp4'))))
    for (const file of ['low/audio.mp4', 'high/audio.mp4'])
      figures.push(...(await seek(ours, folder, path, file)))
    report('edge', figures)
  } finally {
    await child.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

type Path = (assetId: string, file: string) => string

function signer(keys: string): Path {
  const ring = parseKeyRing(keys)
  const expiresAt = Math.floor(Date.now() / 1_000) + 3_600
  return (assetId, file) =>
    multivariantPath(signStream({ ...CLAIMS, assetId, expiresAt }, ring), TRACK).replace('master.m3u8', file)
}

async function compare(
  one: (typeof CASES)[number],
  edges: readonly Edge[],
  path: Path,
  rounds: number,
  seconds: number,
): Promise<Figure[]> {
  const samples = new Map(edges.map((edge) => [edge.name, [] as Sample[]]))
  const good = path('song', one.file)
  const isRefused = 'isForged' in one
  const target = isRefused ? good.replace(/.(?=\/track_)/, (letter) => (letter === 'A' ? 'B' : 'A')) : good
  // Both have served before they are measured: what a compiler does in its first seconds is not the price of a request.
  for (const edge of edges) await load(edge, target, one.range, seconds, isRefused)
  for (let round = 0; round < rounds; round++)
    for (const edge of round % 2 === 0 ? edges : edges.toReversed())
      samples.get(edge.name)?.push(await load(edge, target, one.range, seconds, isRefused))
  const median = (name: string, of: (sample: Sample) => number): number =>
    percentile((samples.get(name) ?? []).map(of), 0.5)
  return edges.flatMap(({ name }) => [
    { what: `${one.what}, ${name}`, value: median(name, ({ perSecond }) => perSecond), unit: 'requests/s' },
    { what: `${one.what}, ${name}, moved`, value: median(name, ({ megabytes }) => megabytes), unit: 'MB/s' },
    {
      what: `${one.what}, ${name}, processor`,
      value: median(name, ({ cpuMicros }) => cpuMicros),
      unit: 'µs a request',
    },
  ])
}

interface Sample {
  perSecond: number
  megabytes: number
  cpuMicros: number
}

async function load(
  edge: Edge,
  target: string,
  range: string | null,
  seconds: number,
  isRefused: boolean,
): Promise<Sample> {
  const args = [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    ...(range === null ? [] : ['-H', `Range: ${range}`]),
  ]
  const before = new Map((await edge.pids()).map((pid) => [pid, cpuMs(pid)]))
  const { stdout } = await promisify(execFile)('taskset', [
    '-c',
    String(LOAD_CPU),
    'wrk',
    ...args,
    edge.url + target,
  ])
  // Of those who are still there: the process with which nginx reads its cache as it starts ends by itself.
  const used = (await edge.pids()).reduce((sum, pid) => sum + cpuMs(pid) - (before.get(pid) ?? 0), 0)
  const total = Number(/(\d+) requests in/.exec(stdout)?.[1])
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0)
  if (refused !== (isRefused ? total : 0))
    throw new Error(`${edge.name} refused ${refused} of ${total} requests`)
  const [, moved = '', unit = ''] = /Transfer\/sec:\s+([\d.]+)(\w+)/.exec(stdout) ?? []
  const scale = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 }[unit] ?? Number.NaN
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    megabytes: (Number(moved) * scale) / 1e6,
    cpuMicros: (used * 1_000) / total,
  }
}

/** Readers that ask for 86 MB each and take a little now and then: what that makes the edge keep in memory. */
async function readSlowly(edge: Edge, target: string): Promise<Figure[]> {
  const memory = async () => (await edge.pids()).reduce((sum, pid) => sum + residentMb(pid), 0)
  const before = await memory()
  const readers = await Promise.all(Array.from({ length: SLOW_READERS }, () => openSlowly(edge.url + target)))
  let peak = 0
  for (let second = 0; second < 10; second++) {
    await pause(1_000)
    peak = Math.max(peak, await memory())
  }
  const taken = readers.reduce((sum, { bytes }) => sum + bytes(), 0)
  for (const { client } of readers) client.destroy()
  const grown = peak - before
  return [
    { what: `${SLOW_READERS} slow readers, ${edge.name}, memory before`, value: before, unit: 'MB' },
    { what: `${SLOW_READERS} slow readers, ${edge.name}, memory grown by`, value: grown, unit: 'MB' },
    { what: `${SLOW_READERS} slow readers, ${edge.name}, read in 10 s`, value: taken / 1e6, unit: 'MB' },
  ]
}

function openSlowly(url: string): Promise<{ client: ClientRequest; bytes(): number }> {
  return new Promise((resolve, reject) => {
    let count = 0
    const client = request(url, { agent: false }, (response) => {
      response.pause()
      const timer = setInterval(() => {
        const chunk: Buffer | null = response.read(4_096) ?? response.read()
        count += chunk?.length ?? 0
      }, 500)
      response.on('close', () => clearInterval(timer))
      response.on('error', () => undefined) // destroyed at the end, with most of it unread
      resolve({ client, bytes: () => count })
    })
    client.on('error', reject)
    client.end()
  })
}

/** A player that jumps about in two hours: the segment it needs next, by range; of the clear file each byte is looked at. */
async function seek(edge: Edge, folder: string, path: Path, file: string): Promise<Figure[]> {
  const asset = (await assetsIn(folder)).get('show')
  const isClear = file.startsWith('low')
  const rendition = asset?.renditions.find(({ quality }) => (quality === 'LOW') === isClear)
  if (rendition === undefined) throw new Error('nothing to seek in')
  const packaged = isClear ? await readFile(join(folder, rendition.path)) : null
  const url = edge.url + path('show', file)
  const times: number[] = []
  let wrong = 0
  for (let turn = 0; turn < SEEKS; turn++) {
    const place = (turn * 331) % rendition.segments.length
    const segment = rendition.segments[place]
    if (segment === undefined) throw new Error('beyond the end')
    const padding = isClear ? 0 : 16 - (segment.bytes % 16)
    const first = segment.offset + place * padding
    const last = first + segment.bytes + padding - 1
    const begun = performance.now()
    const response = await fetch(url, { headers: { range: `bytes=${first}-${last}` } })
    const body = Buffer.from(await response.arrayBuffer())
    times.push(performance.now() - begun)
    const isRight =
      packaged === null ? body.length === last - first + 1 : body.equals(packaged.subarray(first, last + 1))
    if (response.status !== 206 || !isRight) wrong++
  }
  const what = `${SEEKS} seeks in two hours, ${isClear ? 'clear' : 'encrypted'}`
  return [
    { what: `${what}, p50`, value: percentile(times, 0.5), unit: 'ms' },
    { what: `${what}, p99`, value: percentile(times, 0.99), unit: 'ms' },
    { what: `${what}, wrong`, value: wrong, unit: '' },
  ]
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
