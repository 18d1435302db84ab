import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { createForeignDoor } from './foreign.ts'
import type { Door } from './server.ts'
import { type ForeignSubgraphs, startSubgraphs } from './testing/subgraphs.ts'

const CACHED = `
  extend schema @link(url: "https://specs.apollo.dev/cacheControl/v0.1", import: ["@cacheControl"]) @composeDirective(name: "@cacheControl")
  directive @cacheControl(maxAge: Int) on FIELD_DEFINITION | OBJECT`
const MB = 2 ** 20

let shop: ForeignSubgraphs
const doors: Door[] = []

beforeAll(async () => {
  shop = await startSubgraphs({
    products: {
      sdl: `${CACHED} type Query { products: [Product!] @cacheControl(maxAge: 0) } type Product @key(fields: "upc") { upc: ID! }`,
      resolvers: { Query: { products: () => ['1', '2'].map((upc) => ({ upc })) } },
    },
    stock: {
      sdl: `${CACHED} type Query { size: Int @cacheControl(maxAge: 60) }
        type Product @key(fields: "upc") @cacheControl(maxAge: 60) { upc: ID! inStock: Int }`,
      resolvers: { Query: { size: () => 7 }, Product: { inStock: () => 7 } },
    },
  })
})
afterAll(async () => {
  for (const door of doors) await door.stop()
  shop.close()
})

async function open(isProduction: boolean) {
  const door = await createForeignDoor({
    supergraph: shop.supergraph,
    keys: null,
    forwarded: [],
    roomTimeoutMs: 1_000,
    isProduction,
    caching: { share: 'answers', entityBytes: MB, answerBytes: MB },
    logger: createLogger('test', 'silent'),
  })
  doors.push(door)
  const origin = `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}`
  return {
    origin,
    async ask(query: string, trace?: string): Promise<{ extensions?: unknown }> {
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(trace && { 'x-cadenza-trace': trace }) },
        body: JSON.stringify({ query }),
      })
      return (await response.json()) as { extensions?: unknown }
    },
  }
}

test('an answer tells what it took: plan, calls, and what was at hand', async () => {
  const { ask } = await open(false)
  const page = '{ products { inStock } }'

  const [first, second] = [await ask(page, '1'), await ask(page, '1')]
  await ask('{ size }')
  const kept = await ask('{ size }', '1')

  const ms = expect.any(Number)
  const call = { at: ms, ms, isShared: false, hasFailed: false, isCached: false }
  const asked = { ...call, room: 'products', entities: 0, cached: 0 }
  const calls = (cached: number): object[] => [
    asked,
    { ...call, room: 'stock', entities: 2, cached, isCached: cached === 2 },
  ]
  expect([first, second, kept].map(({ extensions }) => extensions)).toEqual([
    { cadenza: { ms, plan: 'made', answer: 'executed', calls: calls(0) } },
    { cadenza: { ms, plan: 'known', answer: 'executed', calls: calls(2) } },
    { cadenza: { ms, plan: 'known', answer: 'cached', calls: [] } },
  ])
})

test('nothing is told unasked, nor in production', async () => {
  const [development, production] = [await open(false), await open(true)]

  expect(await development.ask('{ size }')).toEqual({ data: { size: 7 } })
  expect(await development.ask('{ size }', '0')).toEqual({ data: { size: 7 } })
  expect(await production.ask('{ size }', '1')).toEqual({ data: { size: 7 } })
})

test('what was at hand is counted', async () => {
  const { ask, origin } = await open(true)
  const count = async (line: string): Promise<number> => {
    const text = await (await fetch(`${origin}/metrics`)).text()
    return Number(new RegExp(`^${line.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)
  }
  const lines = [
    'cadenza_door_answers_total{from="executed"}',
    'cadenza_door_answers_total{from="cached"}',
    'cadenza_door_entities_total{room="stock",outcome="asked"}',
    'cadenza_door_entities_total{room="stock",outcome="cached"}',
  ]
  const before = await Promise.all(lines.map(count))

  for (const query of ['{ size }', '{ size }', '{ products { inStock } }', '{ products { inStock } }'])
    await ask(query)

  const after = await Promise.all(lines.map(count))
  expect(after.map((value, index) => value - (before[index] ?? 0))).toEqual([3, 1, 2, 2])
  expect(await count('cadenza_door_cache_bytes{cache="entities"}')).toBeGreaterThan(0)
})
