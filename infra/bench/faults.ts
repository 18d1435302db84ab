import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Pool } from 'undici'
import {
  createFaultProxy,
  cutting,
  late,
  type Manner,
  passing,
  saying,
  silent,
} from '../../gateway/testing/fault-proxy.ts'
import { startSubgraphs } from '../../gateway/testing/subgraphs.ts'
import { freePort } from '../standalone/postgres.ts'
import { startOn } from './gateway/process.ts'
import { type Figure, percentile, report } from './report.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PER_SECOND = 200
const SECONDS = 8
const HUNG_MS = 5_500
const PRODUCTS = 20

/** Asked by turns: one has nothing to do with the room that fails, the other needs it for a field. */
const UNRELATED = '{ products { name stars } }'
const RELATED = '{ products { name stars inStock } }'

const FAULTS: Record<string, Manner | null> = {
  none: passing,
  down: null,
  'ten seconds slow': late(10_000),
  silent,
  'cut off': cutting(100),
  garbage: saying('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>'),
}

/**
 * `npm run bench -- faults [seconds]`: a gateway over three subgraphs under 200 requests a second, while one of these is down,
 * slow, silent, cut off and talking rubbish, for some seconds each. Says what the requests that do not need it notice.
 */
export async function run([seconds = String(SECONDS)]: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  const shop = await startShop()
  const stockPort = Number(/name: "stock", url: "http:\/\/127\.0\.0\.1:(\d+)/.exec(shop.supergraph)?.[1])
  const proxy = await createFaultProxy(stockPort)
  const file = join(folder, 'supergraph.graphql')
  await writeFile(file, shop.supergraph.replace(`:${stockPort}/`, `:${proxy.port}/`))
  const port = await freePort()
  const args = [
    '--import',
    'tsx',
    'infra/standalone/gateway.ts',
    '--supergraph',
    file,
    '--port',
    String(port),
  ]
  // Every request is another caller's, so that none shares its calls with another.
  const flags = ['--production', '--log', 'silent', '--forward', 'x-caller']
  const gateway = startOn(1, process.execPath, [...args, ...flags], { cwd: ROOT })
  const client = new Pool(`http://127.0.0.1:${port}`, { connections: 2_000 })
  try {
    await ready(client)
    await load(client, 3_000) // warm-up
    const figures: Figure[] = []
    for (const [name, manner] of Object.entries(FAULTS)) {
      await proxy.behave(manner)
      const samples = await load(client, Number(seconds) * 1_000)
      await proxy.behave(passing)
      figures.push(...figuresOf(name, samples), {
        what: `${name}: back after`,
        value: await recovery(client),
        unit: 'ms',
      })
    }
    report('faults', [...figures, { what: 'sockets to the room, at most', value: proxy.most, unit: '' }])
  } finally {
    await client.destroy()
    await gateway.stop()
    await proxy.close()
    shop.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const startShop = () =>
  startSubgraphs({
    products: {
      sdl: `type Query { products: [Product!]! }
        type Product @key(fields: "upc") { upc: ID! name: String }`,
      resolvers: {
        Query: {
          products: () => Array.from({ length: PRODUCTS }, (_, upc) => ({ upc, name: `Thing ${upc}` })),
        },
      },
    },
    reviews: {
      sdl: 'type Product @key(fields: "upc") { upc: ID! stars: Int }',
      resolvers: { Product: { stars: ({ upc }: { upc: string }) => Number(upc) % 5 } },
    },
    stock: {
      sdl: 'type Product @key(fields: "upc") { upc: ID! inStock: Int }',
      resolvers: { Product: { inStock: ({ upc }: { upc: string }) => Number(upc) * 10 } },
    },
  })

interface Sample {
  isRelated: boolean
  milliseconds: number
  /** The codes of its errors; none where all is well, null where there was no answer with data. */
  codes: string[] | null
}

/** An open loop: what is slow to be answered does not keep the next from being asked. */
async function load(client: Pool, milliseconds: number): Promise<Sample[]> {
  const samples: Promise<Sample>[] = []
  const begun = performance.now()
  while (performance.now() - begun < milliseconds) {
    while (samples.length < ((performance.now() - begun) / 1_000) * PER_SECOND)
      samples.push(ask(client, samples.length % 2 === 1))
    await sleep(2)
  }
  return Promise.all(samples)
}

let callers = 0

async function ask(client: Pool, isRelated: boolean): Promise<Sample> {
  const begun = performance.now()
  try {
    const { body } = await client.request({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json', 'x-caller': String(callers++) },
      body: JSON.stringify({ query: isRelated ? RELATED : UNRELATED }),
    })
    const { data, errors = [] } = (await body.json()) as {
      data?: { products: { name: string; stars: number }[] | null } | null
      errors?: { extensions: { code: string } }[]
    }
    const isThere = data?.products?.length === PRODUCTS && data.products.every(({ name }) => name !== null)
    const codes = isThere ? errors.map(({ extensions }) => extensions.code) : null
    return { isRelated, milliseconds: performance.now() - begun, codes }
  } catch {
    return { isRelated, milliseconds: performance.now() - begun, codes: null }
  }
}

function figuresOf(fault: string, samples: readonly Sample[]): Figure[] {
  const times = (some: readonly Sample[]): number[] => some.map(({ milliseconds }) => milliseconds)
  const unrelated = samples.filter(({ isRelated }) => !isRelated)
  const related = samples.filter(({ isRelated }) => isRelated)
  const counts = new Map<string, number>()
  for (const { codes } of related) {
    const outcome = codes === null ? 'nothing' : (codes[0] ?? 'all of it')
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  }
  const lost = unrelated.filter(({ codes }) => codes === null || codes.length > 0)
  const hung = samples.filter(({ milliseconds }) => milliseconds > HUNG_MS)
  return [
    { what: `${fault}: unrelated p50`, value: percentile(times(unrelated), 0.5), unit: 'ms' },
    { what: `${fault}: unrelated p99`, value: percentile(times(unrelated), 0.99), unit: 'ms' },
    { what: `${fault}: unrelated that failed, of ${unrelated.length}`, value: lost.length, unit: '' },
    { what: `${fault}: related p50`, value: percentile(times(related), 0.5), unit: 'ms' },
    { what: `${fault}: related p99`, value: percentile(times(related), 0.99), unit: 'ms' },
    ...[...counts].map(([outcome, value]) => ({
      what: `${fault}: related with ${outcome}`,
      value,
      unit: '',
    })),
    { what: `${fault}: hung for more than ${HUNG_MS} ms`, value: hung.length, unit: '' },
  ]
}

/** From the room's return to the first answer that has all of it. */
async function recovery(client: Pool): Promise<number> {
  const begun = performance.now()
  for (;;) {
    const { codes } = await ask(client, true)
    if (codes?.length === 0) return performance.now() - begun
    await sleep(20)
  }
}

async function ready(client: Pool): Promise<void> {
  for (let attempt = 0; attempt < 150; attempt++) {
    if ((await ask(client, false)).codes?.length === 0) return
    await sleep(200)
  }
  throw new Error('The gateway did not start')
}
