import { type Client, createClient } from 'graphql-ws'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Channel, createChannel } from '#shared/streams.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createForeignDoor } from './foreign.ts'
import type { Door } from './server.ts'
import { createFaultProxy, type FaultProxy, passing, silent } from './testing/fault-proxy.ts'
import { type ForeignSubgraphs, startSubgraphs } from './testing/subgraphs.ts'

let shop: ForeignSubgraphs
let proxy: FaultProxy
let door: Door
let url: string
let client: Client
const streams = new Set<Channel<{ sold: { upc: string } }>>()

/** Sales are behind the proxy; products are in good health. */
beforeAll(async () => {
  shop = await startSubgraphs({
    products: {
      sdl: 'type Query { a: Int } type Product @key(fields: "upc") { upc: ID! name: String }',
      resolvers: { Product: { name: ({ upc }: { upc: string }) => `Thing ${upc}` } },
    },
    sales: {
      sdl: `type Query { who: String }
        type Subscription { sold: Product }
        type Product @key(fields: "upc") { upc: ID! }`,
      resolvers: {
        Subscription: {
          sold: {
            subscribe: (_source, _args, { headers }) => {
              if (headers.authorization === undefined) throw new Error('secret 10.1.2.3')
              const channel: Channel<{ sold: { upc: string } }> = createChannel({
                onClose: () => streams.delete(channel),
              })
              streams.add(channel)
              return channel
            },
          },
        },
      },
    },
  })
  const port = Number(/name: "sales", url: "http:\/\/127\.0\.0\.1:(\d+)/.exec(shop.supergraph)?.[1])
  proxy = await createFaultProxy(port)
  door = await createForeignDoor({
    supergraph: shop.supergraph.replace(`:${port}/`, `:${proxy.port}/`),
    keys: null,
    forwarded: ['authorization'],
    roomTimeoutMs: 300,
    isProduction: true,
    logger: createLogger('test', 'silent'),
  })
  url = `ws://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`
  client = connect('Bearer me')
})
beforeEach(() => proxy.behave(passing))
afterAll(async () => {
  await client.dispose()
  await door.stop()
  await proxy.close()
  shop.close()
})

function connect(authorization?: string): Client {
  return createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  })
}

interface Told {
  events: unknown[]
  isOver: boolean
  leave(): void
}

const subscribe = (query: string, by = client): Told => {
  const told: Told = { events: [], isOver: false, leave: () => undefined }
  const end = (): void => {
    told.isOver = true
  }
  told.leave = by.subscribe(
    { query },
    {
      next: (event) => told.events.push(event),
      error: (error) => {
        told.events.push(error)
        end()
      },
      complete: end,
    },
  )
  return told
}

const QUERY = 'subscription { sold { upc name } }'

test('a foreign subgraph’s events come over its socket, with the fields of the others', async () => {
  const told = subscribe(QUERY)
  await expect.poll(() => streams.size).toBe(1)

  for (const stream of streams) stream.push({ sold: { upc: '7' } })

  await expect.poll(() => told.events).toEqual([{ data: { sold: { upc: '7', name: 'Thing 7' } } }])
  for (const stream of streams) stream.close()
  await expect.poll(() => told.isOver).toBe(true)
})

test('when the last one leaves a quiet stream, nothing of it is open a second later', async () => {
  const all = Array.from({ length: 10 }, () => subscribe(QUERY))
  await expect.poll(() => streams.size).toBeGreaterThan(0)

  for (const { leave } of all) leave()

  await expect.poll(() => streams.size, { timeout: 1_000 }).toBe(0)
  await expect.poll(() => proxy.open, { timeout: 1_000 }).toBe(0)
})

test('a subgraph that breaks costs its own subscription, told with a code; the socket stays', async () => {
  const told = subscribe(QUERY)
  await expect.poll(() => streams.size).toBe(1)

  await proxy.behave(silent)

  await expect.poll(() => told.isOver).toBe(true)
  expect(told.events).toMatchObject([{ errors: [{ extensions: { code: 'UNAVAILABLE' } }] }])
  expect(JSON.stringify(told.events)).not.toMatch(/127\.0\.0\.1|ECONN|1006/)
  const next = subscribe(QUERY)
  await expect.poll(() => next.isOver).toBe(true)
  expect(next.events).toMatchObject([{ errors: [{ extensions: { code: 'TIMEOUT' } }] }])
  await proxy.behave(passing)
  const again = subscribe(QUERY)
  await expect.poll(() => streams.size).toBe(1)
  again.leave()
})

test('what a subgraph says of its own failure does not leave the door', async () => {
  const stranger = connect()
  const told = subscribe(QUERY, stranger)

  await expect.poll(() => told.isOver).toBe(true)

  expect(told.events).toHaveLength(1)
  expect(JSON.stringify(told.events)).not.toMatch(/secret|10\.1\.2\.3/)
  await stranger.dispose()
})
