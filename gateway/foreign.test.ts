import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { createForeignDoor, type ForeignDoorOptions } from './foreign.ts'
import { readTrustedDocuments } from './persisted-queries.ts'
import type { Door } from './server.ts'
import { type ForeignSubgraphs, startSubgraphs } from './testing/subgraphs.ts'

let shop: ForeignSubgraphs
let folder: string
const doors: Door[] = []

const products = [
  { upc: '1', name: 'Kettle' },
  { upc: '2', name: 'Toaster' },
]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cadenza-foreign-'))
  shop = await startSubgraphs({
    products: {
      sdl: `extend schema @link(url: "https://cadenza.example/spec/cacheControl/v1.0", import: ["@cacheControl"])
          @composeDirective(name: "@cacheControl")
        directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT
        enum CacheControlScope { PUBLIC PRIVATE }
        type Query { products: [Product!] me: String long: String stable: String @cacheControl(maxAge: 60) }
        type Product @key(fields: "upc") { upc: ID! name: String }`,
      resolvers: {
        Query: {
          products: () => products,
          me: (_source, _args, { headers }) => headers.authorization ?? 'nobody',
          stable: () => 'today',
          long: () => 'x'.repeat(10_000),
        },
      },
    },
    stock: {
      sdl: 'type Product @key(fields: "upc") { upc: ID! inStock: Int }',
      resolvers: { Product: { inStock: ({ upc }: { upc: string }) => Number(upc) * 10 } },
    },
  })
})
afterEach(async () => {
  for (const door of doors.splice(0)) await door.stop()
})
afterAll(async () => {
  shop.close()
  await rm(folder, { recursive: true })
})

const open = async (options: Partial<ForeignDoorOptions> = {}): Promise<{ door: Door; url: string }> => {
  const door = await createForeignDoor({
    supergraph: shop.supergraph,
    keys: null,
    forwarded: ['authorization'],
    roomTimeoutMs: 1_000,
    isProduction: false,
    logger: createLogger('test', 'silent'),
    ...options,
  })
  doors.push(door)
  return { door, url: `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql` }
}

const ask = async (url: string, body: object, headers: Record<string, string> = {}): Promise<Answer> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return (await response.json()) as Answer
}

interface Answer {
  data?: Record<string, unknown> | null
  errors?: { message: string; extensions: { code: string } }[]
}

test('any supergraph is served, over HTTP, by the addresses it has', async () => {
  const { url } = await open()

  expect(await ask(url, { query: '{ products { name inStock } }' })).toEqual({
    data: {
      products: [
        { name: 'Kettle', inStock: 10 },
        { name: 'Toaster', inStock: 20 },
      ],
    },
  })
})

test('subgraphs get the headers that are to be passed on, and no other', async () => {
  const headers = { authorization: 'Bearer of-the-client' }
  const passing = await open()
  const silent = await open({ forwarded: [] })

  expect((await ask(passing.url, { query: '{ me }' }, headers)).data).toEqual({ me: headers.authorization })
  expect((await ask(silent.url, { query: '{ me }' }, headers)).data).toEqual({ me: 'nobody' })
})

test('tokens are verified with the keys given', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }
  const sign = (expiry: string, audience = 'shop'): Promise<string> =>
    new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setAudience(audience)
      .setExpirationTime(expiry)
      .sign(privateKey)
  const { url } = await open({ keys, audience: 'shop' })
  const code = async (token: string): Promise<string | undefined> =>
    (await ask(url, { query: '{ me }' }, { authorization: `Bearer ${token}` })).errors?.[0]?.extensions.code

  expect(await code(await sign('1m'))).toBeUndefined()
  expect(await code(await sign('-1m'))).toBe('UNAUTHENTICATED')
  expect(await code(await sign('1m', 'elsewhere'))).toBe('UNAUTHENTICATED')
  expect(await code('rubbish')).toBe('UNAUTHENTICATED')
})

test('whoever publishes the keys being away is no fault of a token', async () => {
  const { url } = await open({ keys: new URL('http://127.0.0.1:9/keys') })
  const token = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30.AAAA`

  const { errors } = await ask(url, { query: '{ me }' }, { authorization: `Bearer ${token}` })

  expect(errors?.[0]?.extensions.code).toBe('UNAVAILABLE')
})

test('a subgraph without an address costs its own fields', async () => {
  const homeless = shop.supergraph.replace(/(name: "stock", url: )"[^"]*"/, '$1"nowhere"')
  const { url } = await open({ supergraph: homeless })

  const { data, errors } = await ask(url, { query: '{ products { name inStock } }' })

  expect(data?.['products']).toMatchObject([{ name: 'Kettle', inStock: null }, { name: 'Toaster' }])
  expect(errors?.[0]?.extensions.code).toBe('UNAVAILABLE')
})

describe('a supergraph that changes', () => {
  const renamed = (): string => shop.supergraph.replaceAll('inStock', 'left')

  test('is served at once, and what was asked for is planned already', async () => {
    const { door, url } = await open()
    await ask(url, { query: '{ products { upc } }' })
    await door.reload(renamed())

    expect((await ask(url, { query: '{ products { inStock } }' })).errors?.[0]?.extensions.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect((await ask(url, { query: '{ products { upc } }' })).data).toBeDefined()
  })

  test('is refused when it cannot be loaded, and the old one goes on', async () => {
    const { door, url } = await open()

    await expect(door.reload('type Query { nothing: Int }')).rejects.toThrow()
    await expect(door.reload('{')).rejects.toThrow()
    expect((await ask(url, { query: '{ products { inStock } }' })).errors).toBeUndefined()
  })

  test('disturbs no request that is under way: 10 changes among 200 requests', async () => {
    const { door, url } = await open()
    const answers: Promise<Answer>[] = []
    for (let change = 0; change < 10; change++) {
      for (let request = 0; request < 20; request++)
        answers.push(ask(url, { query: `{ products { name n${request}: inStock } }` }))
      await door.reload(shop.supergraph)
    }

    const settled = await Promise.all(answers)

    expect(settled.filter(({ errors }) => errors !== undefined)).toEqual([])
  })
})

describe('documents', () => {
  const document = '{ products { upc } }'

  test('that are trusted go by their name, and nothing else is answered where that is asked for', async () => {
    const { url } = await open({
      documents: {
        trusted: readTrustedDocuments(JSON.stringify({ list: document, 'sha256:ab': document })),
        isTrustedOnly: true,
      },
    })

    for (const known of [
      { documentId: 'list' },
      { query: document },
      { documentId: 'list', query: document },
    ])
      expect((await ask(url, known)).data).toEqual({ products: [{ upc: '1' }, { upc: '2' }] })
    expect((await ask(url, { documentId: 'sha256:ab' })).data).toEqual({
      products: [{ upc: '1' }, { upc: '2' }],
    })
    for (const unknown of [{ documentId: 'other' }, { query: '{ me }' }])
      expect((await ask(url, unknown)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  test('are remembered over a restart, unless they hold a text or change something', async () => {
    const warmUpFile = join(folder, 'deep', 'operations.json')
    const first = await open({ warmUpFile })
    for (const query of [document, '{ me __type(name: "Product") { name } }']) await ask(first.url, { query })
    await doors.pop()?.stop()

    expect(JSON.parse(await readFile(warmUpFile, 'utf8'))).toEqual([{ source: document }])
    const second = await open({ warmUpFile })
    expect((await ask(second.url, { query: document })).errors).toBeUndefined()
  })
})

describe('an answer', () => {
  test('is compressed for who takes that, when it is long enough to be worth it', async () => {
    const { url } = await open()
    const get = async (query: string, encoding: string): Promise<Response> =>
      fetch(`${url}?query=${encodeURIComponent(query)}`, { headers: { 'accept-encoding': encoding } })

    expect((await get('{ long }', 'gzip')).headers.get('content-encoding')).toBe('gzip')
    expect((await get('{ long }', 'gzip, br')).headers.get('content-encoding')).toBe('br')
    expect((await get('{ long }', 'identity')).headers.get('content-encoding')).toBeNull()
    expect((await get('{ long }', 'gzip;q=0')).headers.get('content-encoding')).toBeNull()
    expect((await get('{ me }', 'gzip')).headers.get('content-encoding')).toBeNull()
    expect(((await (await get('{ long }', 'br')).json()) as Answer).data).toEqual({
      long: 'x'.repeat(10_000),
    })
  })

  test('to a GET may be kept for as long as the schema says, and is not sent twice', async () => {
    const { url } = await open()
    const get = (query: string, held = ''): Promise<Response> =>
      fetch(`${url}?query=${encodeURIComponent(query)}`, { headers: { 'if-none-match': held } })

    const first = await get('{ stable }')
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('cache-control')).toMatch(/^(public|private), max-age=(59|60)$/)
    expect((await get('{ stable }', etag)).status).toBe(304)
    expect((await get('{ stable }', '"another"')).status).toBe(200)
    for (const query of ['{ stable me }', '{ me }', '{ stable nothing }']) {
      const { headers } = await get(query)
      expect([headers.get('cache-control'), headers.get('etag')]).toEqual(['no-store', null])
    }
  })

  test('is public only where nothing but credentials could make it another', async () => {
    const { url } = await open({ forwarded: ['authorization', 'accept-language'] })
    const get = async (headers: Record<string, string>): Promise<string | null> =>
      (await fetch(`${url}?query={stable}`, { headers })).headers.get('cache-control')

    expect(await get({ authorization: 'somebody', 'accept-language': 'sv' })).toMatch(/^private, /)
    const other = await open({ forwarded: ['authorization'] })
    const response = await fetch(`${other.url}?query={stable}`, { headers: { authorization: 'somebody' } })
    expect(response.headers.get('cache-control')).toMatch(/^public, /)
  })

  test.each([
    ['multipart', 'multipart/form-data; boundary=x'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['another charset', 'application/json; charset=utf-16'],
    ['nothing', ''],
  ])('to %s is 415', async (_, contentType) => {
    const { url } = await open()

    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: '{"query":"{ me }"}',
    })

    expect(response.status).toBe(415)
  })

  test('to bytes that are no UTF-8 is 400', async () => {
    const { url } = await open()
    const body = Buffer.concat([
      Buffer.from('{"query":"{ me }","operationName":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ])

    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })

    expect(response.status).toBe(400)
  })
})
