import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Supergraph } from '@apollo/federation-internals'
import { WebSocket } from 'ws'
import { takeDirectives } from '../../../gateway/directives.ts'
import { DEFAULT_LIMITS } from '../../../gateway/limits.ts'
import { hostileRequests } from '../../../gateway/testing/hostile.ts'
import { type Heard, post } from '../../../gateway/testing/hostile-client.ts'
import { readSupergraph } from '../../../schema/supergraph.ts'
import { residentMb } from '../gateway/process.ts'
import { type Figure, percentile, report } from '../report.ts'
import { largeDocument } from './documents.ts'
import { startDoor } from './start-door.ts'

const ROUNDS = 5
const LARGE = 500
const GOOD_EVERY_MS = 10
const QUIET_MS = 5_000
const DRIPS = 500
const FRAGMENTED = 20
const FRAGMENTS = 131_000
/** Made once: who makes 60 MB is held up by it, and so is whoever is timed beside. */
const CORPUS = hostileRequests().map(({ body, ...hostile }) => ({ ...hostile, body: Buffer.from(body) }))
const GOOD = JSON.stringify({ query: '{ genres(first: 10) { nodes { id name } } }' })

/**
 * `npm run bench -- hostile [ROUNDS]`: the hostile corpus, documents as large as may be, sockets that drip and messages of 131,000
 * fragments against our door in a process of its own, with 100 honest requests a second beside them.
 */
export async function run([rounds = String(ROUNDS)]: readonly string[]): Promise<void> {
  const { door, origin } = await startDoor()
  try {
    report('hostile', await measure(`${origin}/graphql`, door.pid, Number(rounds)))
  } finally {
    await door.stop()
  }
}

async function measure(url: string, pid: number, rounds: number): Promise<Figure[]> {
  const good = startGoodTraffic(url)
  await sleep(QUIET_MS)
  const untouched = residentMb(pid)
  // The first attack makes the young generation as large as it gets; what a second one adds would add up.
  for (let round = 0; round < rounds; round++) await attackOnce(url)
  await drip(url)
  await Promise.all(Array.from({ length: FRAGMENTED }, () => fragment(url)))
  await sleep(QUIET_MS)
  good.take()
  await sleep(QUIET_MS)
  const alone = good.take()
  const before = residentMb(pid)

  const refused: number[] = []
  const harmless: number[] = []
  for (let round = 0; round < rounds; round++) {
    for (const { ms, status, text } of await attackOnce(url))
      (isRefused(status, text) ? refused : harmless).push(ms)
  }
  const beside = good.take()
  const cutAfter = await drip(url)
  const besideDrips = good.take()
  await Promise.all(Array.from({ length: FRAGMENTED }, () => fragment(url)))
  const besideFragments = good.take()
  await sleep(QUIET_MS)
  const after = residentMb(pid)
  good.take()
  const large = await sendLarge(url)
  const besideLarge = good.take()
  await sleep(QUIET_MS)
  const afterLarge = residentMb(pid)
  await good.stop()
  const all = [...refused, ...large.refused]
  const p = (values: readonly number[], at: number): number => percentile(values, at)
  return [
    { what: 'requests refused', value: all.length, unit: '' },
    { what: 'refused, p50', value: p(all, 0.5), unit: 'ms' },
    { what: 'refused, p99', value: p(all, 0.99), unit: 'ms' },
    { what: 'refused, max', value: p(all, 1), unit: 'ms' },
    { what: 'harmless ones answered', value: harmless.length, unit: '' },
    { what: 'large documents accepted', value: large.accepted.length, unit: '' },
    { what: 'large, accepted: planned and answered, p99', value: p(large.accepted, 0.99), unit: 'ms' },
    { what: 'large, accepted: planned and answered, max', value: p(large.accepted, 1), unit: 'ms' },
    { what: `${DRIPS} drips cut off after, max`, value: cutAfter / 1_000, unit: 's' },
    { what: 'honest requests not answered', value: good.failures(), unit: '' },
    { what: 'honest requests alone, p99', value: p(alone, 0.99), unit: 'ms' },
    { what: 'beside the corpus, p99', value: p(beside, 0.99), unit: 'ms' },
    { what: 'beside large documents, p99', value: p(besideLarge, 0.99), unit: 'ms' },
    { what: 'beside drips, p99', value: p(besideDrips, 0.99), unit: 'ms' },
    { what: 'beside fragments of messages, p99', value: p(besideFragments, 0.99), unit: 'ms' },
    { what: 'memory before', value: untouched, unit: 'MB' },
    { what: 'grown by a first attack', value: before - untouched, unit: 'MB' },
    { what: 'and by a second', value: after - before, unit: 'MB' },
    { what: 'and by plans of large documents', value: afterLarge - after, unit: 'MB' },
  ]
}

const isRefused = (status: number, text: string): boolean => status >= 400 || !text.includes('"data"')

async function attackOnce(url: string): Promise<Heard[]> {
  const heard: Heard[] = []
  for (const hostile of CORPUS) heard.push(await post(url, hostile))
  return heard
}

/** Each is new to the door, so that none is planned already. */
async function sendLarge(url: string): Promise<{ accepted: number[]; refused: number[] }> {
  const { sdl } = takeDirectives(await readSupergraph())
  const schema = Supergraph.build(sdl).apiSchema().toGraphQLJSSchema()
  const { selections, depth } = DEFAULT_LIMITS
  const outcome = { accepted: [] as number[], refused: [] as number[] }
  for (let seed = 0; seed < LARGE; seed++) {
    const query = largeDocument(schema, seed, selections, depth)
    const { ms, status, text } = await post(url, { body: JSON.stringify({ query }) })
    outcome[isRefused(status, text) ? 'refused' : 'accepted'].push(ms)
  }
  return outcome
}

/** Sockets that send a byte now and then; returns after how long the last of them was cut off, in milliseconds. */
async function drip(url: string): Promise<number> {
  const begun = performance.now()
  const one = (at: number): Promise<number> =>
    new Promise((resolve) => {
      const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
        socket.write(at % 2 === 0 ? `${head}x: ` : `${head}content-length: 9999\r\n\r\n`),
      )
      const drops = setInterval(() => socket.write('x'), 1_000)
      socket.on('error', () => undefined)
      socket.on('data', () => undefined)
      socket.on('close', () => {
        clearInterval(drops)
        resolve(performance.now() - begun)
      })
    })
  return Math.max(...(await Promise.all(Array.from({ length: DRIPS }, (_, at) => one(at)))))
}

/** A message in many pieces, until the door has had enough. */
async function fragment(url: string): Promise<void> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('open', resolve))
  for (let part = 0; part < FRAGMENTS && socket.readyState === socket.OPEN; part++) {
    socket.send('x', { fin: false })
    if (part % 100 === 0) await sleep(0)
  }
  socket.terminate()
}

/** Honest requests at a steady pace; `take` gives how long those took that were answered since it was last asked. */
function startGoodTraffic(url: string) {
  let taken: number[] = []
  let failures = 0
  const timer = setInterval(() => {
    const begun = performance.now()
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: GOOD })
      .then(async (response) => {
        if (!(await response.text()).includes('Genre 9')) failures++
        taken.push(performance.now() - begun)
      })
      .catch(() => failures++)
  }, GOOD_EVERY_MS)
  return {
    take(): number[] {
      const since = taken
      taken = []
      return since
    },
    failures: () => failures,
    async stop(): Promise<void> {
      clearInterval(timer)
      await sleep(100)
    },
  }
}
