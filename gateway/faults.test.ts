import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { createForeignDoor, type ForeignDoorOptions } from './foreign.ts'
import { BREAKER } from './rooms/breaker.ts'
import type { Door } from './server.ts'
import {
  createFaultProxy,
  cutting,
  dripping,
  type FaultProxy,
  late,
  type Manner,
  passing,
  resetting,
  saying,
  silent,
} from './testing/fault-proxy.ts'
import { type ForeignSubgraphs, startSubgraphs } from './testing/subgraphs.ts'

const ROOM_TIMEOUT_MS = 400
const REQUEST_TIMEOUT_MS = 1_000

let shop: ForeignSubgraphs
let proxy: FaultProxy
let supergraph: string
let door: Door
let url: string

/** Products and reviews are in good health; stock is behind the proxy. */
beforeAll(async () => {
  shop = await startSubgraphs({
    products: {
      sdl: `type Query { products: [Product!]! }
        type Product @key(fields: "upc") { upc: ID! name: String }`,
      resolvers: { Query: { products: () => ['1', '2'].map((upc) => ({ upc, name: `Thing ${upc}` })) } },
    },
    reviews: {
      sdl: 'type Product @key(fields: "upc") { upc: ID! stars: Int }',
      resolvers: { Product: { stars: ({ upc }: { upc: string }) => Number(upc) } },
    },
    stock: {
      sdl: `type Query { warehouse: String }
        type Mutation { order(upc: ID!): Int }
        type Product @key(fields: "upc") { upc: ID! inStock: Int }`,
      resolvers: {
        Query: { warehouse: () => 'north' },
        Mutation: { order: () => 1 },
        Product: { inStock: ({ upc }: { upc: string }) => Number(upc) * 10 },
      },
    },
  })
  const port = Number(/name: "stock", url: "http:\/\/127\.0\.0\.1:(\d+)/.exec(shop.supergraph)?.[1])
  proxy = await createFaultProxy(port)
  supergraph = shop.supergraph.replace(`:${port}/`, `:${proxy.port}/`)
  door = await open({ breaker: { ...BREAKER, minimumCalls: Number.POSITIVE_INFINITY } })
  url = await listen(door)
})
beforeEach(() => proxy.behave(passing))
afterAll(async () => {
  await door.stop()
  await proxy.close()
  shop.close()
})

function open(options: Partial<ForeignDoorOptions> = {}): Promise<Door> {
  return createForeignDoor({
    supergraph,
    keys: null,
    forwarded: [],
    roomTimeoutMs: ROOM_TIMEOUT_MS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    isProduction: true,
    logger: createLogger('test', 'silent'),
    ...options,
  })
}

interface Answer {
  data: Record<string, unknown>
  errors?: { message: string; path: unknown[]; extensions: { code: string } }[]
}

const ask = async (query: string, at = url, signal?: AbortSignal): Promise<Answer> => {
  const response = await fetch(at, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    ...(signal && { signal }),
  })
  return (await response.json()) as Answer
}

const QUERY = '{ products { name stars inStock } warehouse }'

const PARTIAL = {
  products: [
    { name: 'Thing 1', stars: 1, inStock: null },
    { name: 'Thing 2', stars: 2, inStock: null },
  ],
  warehouse: null,
}

const reply = (
  body: string | Buffer,
  status = '200 OK',
  headers = 'content-type: application/json',
): Manner =>
  saying(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${status}\r\n${headers}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`),
      Buffer.from(body),
    ]),
  )

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'

test.each<[string, Manner, string]>([
  ['500 with a stack', reply('Error: at /srv/app/10.1.2.3.js:1', '500 Oops', 'x: y'), 'UNAVAILABLE'],
  ['HTML', reply('<html>nginx 10.1.2.3</html>', '200 OK', 'content-type: text/html'), 'UNAVAILABLE'],
  ['JSON that is cut off', reply('{"data":{"warehouse":"nor'), 'UNAVAILABLE'],
  ['nothing at all', reply(''), 'UNAVAILABLE'],
  ['a list', reply('[{"data":{"warehouse":"north"}}]'), 'UNAVAILABLE'],
  ['a text', reply('"north"'), 'UNAVAILABLE'],
  ['null', reply('null'), 'UNAVAILABLE'],
  ['data that is null, without an error', reply('{"data":null}'), 'UNAVAILABLE'],
  ['data that is a list', reply('{"data":[]}'), 'UNAVAILABLE'],
  ['errors that are no list', reply('{"errors":"10.1.2.3 is down"}'), 'UNAVAILABLE'],
  ['no errors and no data', reply('{"errors":[],"message":"10.1.2.3"}'), 'UNAVAILABLE'],
  [
    'bytes that are no UTF-8',
    reply(Buffer.from('7b2264617461223a7b2277223a22c328227d7d', 'hex')),
    'UNAVAILABLE',
  ],
  ['a redirect', reply('', '302 Found', 'location: http://10.1.2.3/'), 'UNAVAILABLE'],
  ['what claims to be compressed', reply('{"data":{}}', '200 OK', 'content-encoding: gzip'), 'UNAVAILABLE'],
  ['an unknown encoding', reply('{"data":{}}', '200 OK', 'content-encoding: zork'), 'UNAVAILABLE'],
  ['no HTTP', saying('\u0000\u0001garbage 10.1.2.3\r\n\r\n'), 'UNAVAILABLE'],
  ['401 of a proxy', reply('<html>', '401 Unauthorized', 'x: y'), 'UNAUTHENTICATED'],
  ['403 of a proxy', reply('<html>', '403 Forbidden', 'x: y'), 'FORBIDDEN'],
  ['429 of a proxy', reply('<html>', '429 Slow down', 'x: y'), 'RATE_LIMITED'],
  ['404', reply('<html>', '404 Not Found', 'x: y'), 'INTERNAL_SERVER_ERROR'],
  ['errors of its own', reply('{"errors":[null,{"message":7,"path":"x"}]}'), 'INTERNAL_SERVER_ERROR'],
])('a room that answers %s costs its own fields, told by path and code', async (_, manner, code) => {
  await proxy.behave(manner)

  const answer = await ask(QUERY)

  expect(answer.data).toEqual(PARTIAL)
  expect(new Set(answer.errors?.map(({ extensions }) => extensions.code))).toEqual(new Set([code]))
  expect(new Set(answer.errors?.map(({ path }) => JSON.stringify(path)))).toEqual(
    new Set(['["warehouse"]', '["products"]']),
  )
  expectNothingOfTheInside(answer)
})

test('a room that answers too few entities costs what was asked of them', async () => {
  await proxy.behave(reply('{"data":{"_entities":[{"inStock":1}],"warehouse":"north"}}'))

  const { data, errors } = await ask(QUERY)

  expect(data).toEqual({ ...PARTIAL, warehouse: 'north' })
  expect(errors).toMatchObject([{ path: ['products'], extensions: { code: 'UNAVAILABLE' } }])
})

test('a room that answers with keys of the prototype gives nobody else any', async () => {
  const evil = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"inStock":1}'
  await proxy.behave(
    reply(`{"data":{"_entities":[${evil},${evil}],"warehouse":"x","__proto__":{"polluted":1}}}`),
  )

  const { data, errors } = await ask(QUERY)

  expect(errors).toBeUndefined()
  expect(data).toMatchObject({ products: [{ inStock: 1 }, { inStock: 1 }], warehouse: 'x' })
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('an answer under a bad status is an answer all the same', async () => {
  await proxy.behave(reply('{"data":{"warehouse":"x"}}', '503 Busy'))

  expect(await ask('{ warehouse }')).toEqual({ data: { warehouse: 'x' } })
})

test('an answer that was compressed unasked is read', async () => {
  await proxy.behave(reply(gzipSync('{"data":{"warehouse":"x"}}'), '200 OK', 'content-encoding: GZIP'))

  expect(await ask('{ warehouse }')).toEqual({ data: { warehouse: 'x' } })
})

test.each<[string, Manner | null, string]>([
  ['refuses connections', null, 'UNAVAILABLE'],
  ['says nothing', silent, 'TIMEOUT'],
  ['resets connections', resetting, 'UNAVAILABLE'],
  ['answers too late', late(ROOM_TIMEOUT_MS + 150), 'TIMEOUT'],
  ['is cut off in the middle', cutting(60), 'UNAVAILABLE'],
  ['drips without an end', dripping(HEAD, '1\r\n \r\n', 10), 'TIMEOUT'],
  ['drips its head', dripping('HTTP/1.1 200 OK\r\n', 'x: y\r\n', 10), 'TIMEOUT'],
])('a room that %s costs its own fields, in time', async (_, manner, code) => {
  await proxy.behave(manner)
  const begun = performance.now()

  const answer = await ask(QUERY)

  expect(performance.now() - begun).toBeLessThan(REQUEST_TIMEOUT_MS + 300)
  expect(answer.data).toEqual(PARTIAL)
  expect(new Set(answer.errors?.map(({ extensions }) => extensions.code))).toEqual(new Set([code]))
  expectNothingOfTheInside(answer)
  await proxy.behave(passing)
  expect((await ask(QUERY)).errors).toBeUndefined()
})

test('a request ends in time when its rooms are slow one after the other, with what there is by then', async () => {
  await proxy.behave(late(ROOM_TIMEOUT_MS - 30))
  const slow = await open({ requestTimeoutMs: ROOM_TIMEOUT_MS / 2 })
  const begun = performance.now()
  try {
    const answer = await ask(QUERY, await listen(slow))

    expect(performance.now() - begun).toBeLessThan(ROOM_TIMEOUT_MS)
    expect(answer.data).toEqual(PARTIAL)
    expect(answer.errors?.map(({ path }) => path).sort()).toEqual([['products'], ['warehouse']])
    for (const { message, extensions } of answer.errors ?? [])
      expect([message, extensions.code]).toEqual(['The answer took too long', 'TIMEOUT'])
  } finally {
    await slow.stop()
  }
})

test('a client who leaves frees the room’s sockets', async () => {
  await proxy.behave(silent)
  const patient = await open({ roomTimeoutMs: 5_000, requestTimeoutMs: 5_000 })
  const leaving = new AbortController()
  await expect.poll(() => proxy.open).toBe(0)
  const before = proxy.gone
  const answer = ask('{ warehouse }', await listen(patient), leaving.signal)
  await expect.poll(() => proxy.open).toBe(1)

  leaving.abort()

  await expect(answer).rejects.toThrow()
  await expect.poll(() => proxy.gone).toBe(before + 1)
  await patient.stop()
})

test('the breaker opens after some failures, spares the room, and closes when the room is back', async () => {
  const sparing = await open({ breaker: { ...BREAKER, minimumCalls: 5, sleepMs: 1_500 } })
  const at = await listen(sparing)
  await proxy.behave(null)
  for (let call = 0; call < 5; call++) await ask('{ warehouse }', at)
  await proxy.behave(silent)
  const before = proxy.heard

  const spared = await Promise.all(Array.from({ length: 20 }, () => ask(QUERY, at)))

  expect(proxy.heard).toBe(before)
  for (const { data, errors } of spared) {
    expect(data).toEqual(PARTIAL)
    expect(errors?.every(({ extensions }) => extensions.code === 'UNAVAILABLE')).toBe(true)
  }
  await proxy.behave(passing)
  await expect.poll(async () => (await ask(QUERY, at)).errors, { timeout: 4_000 }).toBeUndefined()
  await sparing.stop()
})

test.each<[string, Manner]>([
  ['reset', resetting],
  ['cut off', cutting(60)],
  ['not answered', silent],
  ['answered with garbage', reply('{"data":')],
])('a mutation that is %s is never made twice', async (_, manner) => {
  await proxy.behave(manner)
  const before = proxy.heard

  const { errors } = await ask('mutation { order(upc: "1") }')

  expect(errors).toMatchObject([{ path: ['order'] }])
  await sleep(100)
  expect(proxy.heard).toBe(before + 1)
})

test('20 changes of the supergraph under 200 requests a second fail none of them', async () => {
  // What is tested is not how fast the machine is: nothing is late here.
  const changing = await open({ roomTimeoutMs: 20_000, requestTimeoutMs: 30_000 })
  const at = await listen(changing)
  const answers: Promise<Answer>[] = []
  const begun = performance.now()
  const load = setInterval(() => {
    // Those that were due while a plan was made come all at once.
    while (answers.length < (performance.now() - begun) / 5) answers.push(ask(QUERY, at))
  }, 5)

  for (let change = 0; change < 20; change++) {
    // Each time the room is at another address: the old one is let go of while it still has work to do.
    await changing.reload(change % 2 === 0 ? shop.supergraph : supergraph)
    await sleep(20)
  }
  clearInterval(load)

  const failed = (await Promise.all(answers)).filter(({ errors }) => errors !== undefined)
  expect(failed).toEqual([])
  expect(answers.length).toBeGreaterThan(20 * 4)
  await changing.stop()
}, 60_000)

async function listen(opened: Door): Promise<string> {
  return `http://127.0.0.1:${await opened.listen(0, '127.0.0.1')}/graphql`
}

function expectNothingOfTheInside(answer: unknown): void {
  expect(JSON.stringify(answer)).not.toMatch(
    new RegExp(`10\\.1\\.2\\.3|127\\.0\\.0\\.1|${proxy.port}|ECONN|UND_ERR|socket|\\.ts|\\.js|\\bat `),
  )
}
