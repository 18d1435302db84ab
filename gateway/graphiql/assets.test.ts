import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGraphiqlAssets } from './assets.ts'

const PAGE = '<!doctype html><title>Page</title>'
const SCRIPT = `export const text = '${randomBytes(400).toString('hex')}'`
const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

let folder: string
let server: Server

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cadenza-graphiql-'))
  const files = { 'index-1.html': PAGE, 'page-1.js': SCRIPT }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text)
    await writeFile(join(folder, `${name}.br`), brotliCompressSync(text))
    await writeFile(join(folder, `${name}.gz`), gzipSync(text))
  }
  await writeFile(join(folder, 'unlisted.js'), 'secret')
  const manifest = {
    page: 'index-1.html',
    files: {
      'index-1.html': { type: 'text/html; charset=utf-8', etag: '"page"' },
      'page-1.js': { type: 'text/javascript; charset=utf-8', etag: '"script"' },
    },
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest))
  const serve = createGraphiqlAssets({ folder, mediaOrigins: ['https://cdn.example'] })
  server = createServer((incoming, response) => {
    if (!serve(incoming, response)) response.writeHead(418).end('not for GraphiQL')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

test('a browser gets the page, never cached without asking, under a policy of our own origin', async () => {
  const answer = await get('/graphql', BROWSER)

  expect(answer.status).toBe(200)
  expect(answer.body.toString()).toBe(PAGE)
  expect(answer.headers).toMatchObject({
    'cache-control': 'no-cache',
    'content-type': 'text/html; charset=utf-8',
    'x-content-type-options': 'nosniff',
    vary: 'accept, accept-encoding',
  })
  const policy = answer.headers['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'none'; script-src 'self';")
  expect(policy).toContain("connect-src 'self' https://cdn.example;")
  expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/)
})

test('everything else at the address of the page is left to the API', async () => {
  const untouched = [
    await get('/graphql', { accept: 'application/json' }),
    await get('/graphql', { accept: '*/*' }),
    await get('/graphql', { accept: 'text/html;q=0, application/json' }),
    await get('/graphql', {}),
    await get('/graphql?query=%7Bviewer%7Bid%7D%7D', BROWSER),
    await get('/graphql', BROWSER, 'POST'),
    await get('/graphql/other', BROWSER),
    await get('/', BROWSER),
  ]

  expect(untouched.map(({ status }) => status)).toEqual(untouched.map(() => 418))
})

test('a hashed file is immutable and comes in the smallest encoding the client takes', async () => {
  const brotli = await get('/graphiql/page-1.js', { 'accept-encoding': 'gzip, deflate, br' })
  const gzip = await get('/graphiql/page-1.js', { 'accept-encoding': 'gzip;q=1, br;q=0' })
  const plain = await get('/graphiql/page-1.js', {})

  expect(brotli.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(brotli.headers['content-encoding']).toBe('br')
  expect(brotliDecompressSync(brotli.body).toString()).toBe(SCRIPT)
  expect(gzip.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT)
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(plain.body.toString()).toBe(SCRIPT)
  expect(plain.headers['content-length']).toBe(String(SCRIPT.length))
})

test('a client that holds the version already gets 304 and no body', async () => {
  const page = await get('/graphql', { ...BROWSER, 'if-none-match': 'W/"other", W/"page"' })
  const stale = await get('/graphql', { ...BROWSER, 'if-none-match': '"page-before"' })

  expect([page.status, page.body.length, page.headers.etag]).toEqual([304, 0, '"page"'])
  expect(stale.status).toBe(200)
})

test('HEAD tells the size and sends nothing; a file cannot be written to', async () => {
  const head = await get('/graphiql/page-1.js', {}, 'HEAD')
  const post = await get('/graphiql/page-1.js', {}, 'POST')

  expect([head.status, head.body.length, head.headers['content-length']]).toEqual([
    200,
    0,
    String(SCRIPT.length),
  ])
  expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD'])
})

test('no name outside the manifest is served, however it is spelt', async () => {
  const names = [
    'manifest.json',
    'unlisted.js',
    'page-1.js.br',
    'index-1.html',
    '../../package.json',
    '..%2f..%2fpackage.json',
    '%2e%2e/package.json',
    './page-1.js',
    '/etc/passwd',
    'page-1.js/',
    'page-1.js%00',
    '__proto__',
    'constructor',
    '',
  ]
  const answers = await Promise.all(names.map((name) => get(`/graphiql/${name}`, BROWSER)))

  expect(answers.map(({ status }) => status)).toEqual(names.map(() => 404))
  expect(answers.map(({ body }) => body.toString())).toEqual(names.map(() => 'There is no such file.\n'))
})

test('a folder without a bundle is refused at once, with the remedy', () => {
  expect(() => createGraphiqlAssets({ folder: join(folder, 'missing') })).toThrow(
    'run gateway/graphiql/bundle.mjs',
  )
})

interface Answer {
  status: number | undefined
  headers: IncomingHttpHeaders
  body: Buffer
}

/** Sends the path as it stands: `fetch` would tidy it up first. */
function get(path: string, headers: Record<string, string>, method = 'GET'): Promise<Answer> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) })
      })
    })
    outgoing.on('error', reject).end()
  })
}
