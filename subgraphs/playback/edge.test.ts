import { existsSync } from 'node:fs'
import { readdir, readlink, rm, truncate } from 'node:fs/promises'
import { type ClientRequest, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeServer, startEdge, writeAsset } from './testing/edge-server.ts'
import { assetOf, CLAIMS } from './testing/signed.ts'

const DESCRIPTORS = '/proc/self/fd'
const SIZE = 300_100
const LARGE = 64 * 1_024 * 1_024
const asset = assetOf('asset-1', SIZE)
const large = assetOf('large', LARGE)
const gone = assetOf('gone', 1_000)
const cut = assetOf('cut', 1_000)

let edge: EdgeServer
let low: Buffer

beforeAll(async () => {
  edge = await startEdge([asset, large, gone, cut])
  low = (await writeAsset(edge.folder, asset)).get('asset-1/low.mp4') ?? Buffer.alloc(0)
  const both = large.renditions.filter(({ quality }) => quality === 'LOW' || quality === 'HIGH')
  await writeAsset(edge.folder, { ...large, renditions: both })
  await writeAsset(edge.folder, cut)
  await truncate(join(edge.folder, 'cut/low.mp4'), 999)
})
afterAll(() => edge[Symbol.asyncDispose]())

const get = (file: string, headers: Record<string, string> = {}, claims = {}, method = 'GET') =>
  fetch(edge.url + edge.path(file, claims), { headers, method })
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())

const FORGERIES: [string, (path: string) => string][] = [
  ['without a token', (path) => path.replace(/\/stream\/[^/]+/, '/stream')],
  [
    'one letter of the token changed',
    (path) => path.replace(/.(?=\.k1\.)/, (letter) => (letter === 'A' ? 'B' : 'A')),
  ],
  ['the signature cut', (path) => path.replace(/.(?=\/track_)/, '')],
  ['a query string', (path) => `${path}?x`],
  ['a key that is not in the ring', (path) => path.replace('.k1.', '.k2.')],
]

for (const file of ['master.m3u8', 'high/index.m3u8', 'high/audio.mp4']) {
  test(`${file} opens with its token, by GET and by HEAD`, async () => {
    const got = await get(file)
    const head = await get(file, {}, {}, 'HEAD')

    expect([got.status, head.status]).toEqual([200, 200])
    expect((await bytesOf(got)).length).toBe(Number(head.headers.get('content-length')))
    expect(await head.text()).toBe('')
    expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'))
  })

  test.each(FORGERIES)(`${file} %s: an empty 403`, async (_, forge) => {
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(edge.url + forge(edge.path(file)), {
        method,
        headers: { range: 'bytes=0-9' },
      })

      expect(response.status).toBe(403)
      expect(await response.text()).toBe('')
      expect([...response.headers.keys()].filter((name) => name !== 'keep-alive').sort()).toEqual([
        'access-control-allow-origin',
        'access-control-expose-headers',
        'cache-control',
        'connection',
        'content-length',
        'cross-origin-resource-policy',
        'date',
        'x-content-type-options',
      ])
    }
  })

  test(`${file} one second late looks like a forgery`, async () => {
    const path = edge.path(file)
    const forged = await fetch(edge.url + path.replace('.k1.', '.k2.'))
    edge.clock.now += 60_000
    const late = await fetch(edge.url + path).finally(() => {
      edge.clock.now -= 60_000
    })

    expect([late.status, await late.text()]).toEqual([forged.status, await forged.text()])
    expect([...late.headers.keys()]).toEqual([...forged.headers.keys()])
  })
}

test('a quality above the token is refused, on either path', async () => {
  const top = { top: 'NORMAL', first: 'LOW' }
  const statuses = ['low', 'normal', 'high', 'lossless'].flatMap((quality) =>
    ['index.m3u8', 'audio.mp4'].map(async (file) => (await get(`${quality}/${file}`, {}, top)).status),
  )

  expect(await Promise.all(statuses)).toEqual([200, 200, 200, 200, 403, 403, 403, 403])
})

test('playlists are private and short-lived, audio is everybody’s for a year', async () => {
  const [master, media, audio] = [
    await get('master.m3u8'),
    await get('low/index.m3u8'),
    await get('low/audio.mp4'),
  ]

  expect(master.headers.get('content-type')).toBe('application/vnd.apple.mpegurl')
  expect(await master.text()).toMatch(/CODECS="mp4a\.40\.2"\nhigh\/index\.m3u8\n/)
  expect(await media.text()).toContain('#EXT-X-MAP:URI="audio.mp4"')
  for (const playlist of [master, media])
    expect(playlist.headers.get('cache-control')).toMatch(/^private, max-age=\d{1,2}$/)
  expect(audio.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(audio.headers.get('content-type')).toBe('audio/mp4')
  expect(audio.headers.get('accept-ranges')).toBe('bytes')
  expect((await bytesOf(audio)).equals(low)).toBe(true)
})

test.each([
  ['bytes=0-99', 0, 99],
  ['bytes=100-100', 100, 100],
  ['bytes=300000-', 300_000, SIZE - 1],
  ['bytes=-50', SIZE - 50, SIZE - 1],
  ['bytes=-999999', 0, SIZE - 1],
  ['bytes=65535-131072', 65_535, 131_072],
  ['bytes=299999-400000', 299_999, SIZE - 1],
])('%s is answered with exactly those bytes', async (range, first, last) => {
  const response = await get('low/audio.mp4', { range })

  expect(response.status).toBe(206)
  expect(response.headers.get('content-range')).toBe(`bytes ${first}-${last}/${SIZE}`)
  expect(response.headers.get('content-length')).toBe(String(last - first + 1))
  expect((await bytesOf(response)).equals(low.subarray(first, last + 1))).toBe(true)
})

test('several ranges come as one body of parts', async () => {
  const response = await get('low/audio.mp4', { range: 'bytes=0-3,-2,100000-100004' })
  const body = await bytesOf(response)
  const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(
    response.headers.get('content-type') ?? '',
  )?.[1]
  const head = (range: string) => `content-type: audio/mp4\r\ncontent-range: bytes ${range}/${SIZE}\r\n\r\n`

  expect(response.status).toBe(206)
  expect(response.headers.get('content-range')).toBeNull()
  expect(body.length).toBe(Number(response.headers.get('content-length')))
  expect(body).toEqual(
    Buffer.concat([
      Buffer.from(`--${boundary}\r\n${head('0-3')}`),
      low.subarray(0, 4),
      Buffer.from(`\r\n--${boundary}\r\n${head(`${SIZE - 2}-${SIZE - 1}`)}`),
      low.subarray(-2),
      Buffer.from(`\r\n--${boundary}\r\n${head('100000-100004')}`),
      low.subarray(100_000, 100_005),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  )
})

test.each(['bytes=300100-', 'bytes=-0', 'bytes=0-,0-'])('%s cannot be satisfied', async (range) => {
  const response = await get('low/audio.mp4', { range })

  expect(response.status).toBe(416)
  expect(response.headers.get('content-range')).toBe(`bytes */${SIZE}`)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.text()).toBe('')
})

test('what is no byte range, or a range of a HEAD, is answered whole', async () => {
  const strange = await get('low/audio.mp4', { range: 'lines=1-2' })
  const head = await get('low/audio.mp4', { range: 'bytes=0-1' }, {}, 'HEAD')

  expect([strange.status, (await bytesOf(strange)).length]).toEqual([200, SIZE])
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(SIZE)])
})

test('If-Range gives the part of the same file and the whole of any other', async () => {
  const range = 'bytes=0-9'
  const etag = (await get('low/audio.mp4', {}, {}, 'HEAD')).headers.get('etag') ?? ''
  const ofOther = (await get('high/audio.mp4', {}, {}, 'HEAD')).headers.get('etag') ?? ''
  const statusWith = async (condition: string) =>
    (await get('low/audio.mp4', { range, 'if-range': condition })).status

  expect(etag).toMatch(/^"[\w-]+"$/)
  expect(ofOther).not.toBe(etag)
  expect(await statusWith(etag)).toBe(206)
  expect(await statusWith(`W/${etag}`)).toBe(200)
  expect(await statusWith(ofOther)).toBe(200)
  expect(await statusWith('Sat, 21 Nov 2026 12:00:00 GMT')).toBe(200)
})

test('If-None-Match spares what is there already', async () => {
  const etag = (await get('low/audio.mp4', {}, {}, 'HEAD')).headers.get('etag') ?? ''
  const statusWith = async (condition: string) =>
    (await get('low/audio.mp4', { 'if-none-match': condition })).status

  expect(await statusWith(etag)).toBe(304)
  expect(await statusWith(`"a", W/${etag}`)).toBe(304)
  expect(await statusWith('*')).toBe(304)
  expect(await statusWith('"a"')).toBe(200)
})

test('players on any page may read, ask for ranges, and nothing else', async () => {
  const preflight = await get('low/audio.mp4', {}, {}, 'OPTIONS')
  const part = await get('low/audio.mp4', { range: 'bytes=0-1' })
  const written = await get('low/audio.mp4', {}, {}, 'DELETE')

  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, HEAD, OPTIONS')
  expect(preflight.headers.get('access-control-allow-headers')).toMatch(/\bRange\b/)
  expect(part.headers.get('access-control-allow-origin')).toBe('*')
  expect(part.headers.get('access-control-expose-headers')).toMatch(/Content-Range/)
  expect([written.status, written.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
})

test('audio that is not there, or not as it was packaged, is an empty answer', async () => {
  const statusOf = async (assetId: string, file: string) => (await get(file, {}, { assetId })).status

  expect(await statusOf('gone', 'low/audio.mp4')).toBe(404)
  expect(await statusOf('unheard-of', 'master.m3u8')).toBe(404)
  expect(await statusOf('cut', 'low/audio.mp4')).toBe(500)
  expect(await (await get('low/audio.mp4', {}, { assetId: 'cut' })).text()).toBe('')
  expect(await statusOf('cut', 'high/audio.mp4')).toBe(200)
})

test('paths that a client library would tidy up are refused as they come', async () => {
  const path = edge.path('low/audio.mp4')
  const statusOf = (target: string) =>
    new Promise<number>((resolve, reject) => {
      const socket = connect(edge.port, '127.0.0.1', () =>
        socket.write(`GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`, 'latin1'),
      )
      socket.once('data', (data) => resolve(Number(data.toString('latin1').split(' ')[1])))
      socket.once('error', reject)
    })

  expect(await statusOf(path)).toBe(200)
  for (const target of [
    path.replace('/low/', '/lossless/../low/'),
    path.replace('/low/', '/./low/'),
    path.replace('/low/', '//low/'),
    path.replace('/low/', '%2flow/'),
    path.replace('/low/', '\\low/'),
    `${path}%00`,
    `${path}#`,
    `/stream/${'A'.repeat(3_000)}`,
  ])
    expect([target, await statusOf(target)]).toEqual([target, 403])
  for (const target of [`/${path}`, `/x/..${path}`, '/stream', '/'])
    expect([target, await statusOf(target)]).toEqual([target, 404])
})

test.runIf(existsSync(DESCRIPTORS)).each(['low', 'high'])(
  'clients of %s share one open file, which is closed after they left in the middle, and who does not read costs no memory',
  async (quality) => {
    const { rss } = process.memoryUsage()
    const url = edge.url + edge.path(`${quality}/audio.mp4`, { assetId: 'large' })
    const clients = await Promise.all(Array.from({ length: 20 }, () => openWithoutReading(url)))
    const during = await openFiles(`large/${quality}.mp4`)
    const grown = process.memoryUsage().rss - rss
    for (const client of clients) client.destroy()

    expect(during).toBe(1)
    expect(grown).toBeLessThan((20 * LARGE) / 8)
    await expect.poll(() => openFiles(`large/${quality}.mp4`), { timeout: 20_000 }).toBe(0)
  },
  30_000,
)

test('a connection that closes in the middle of several answers leaves no file open behind it', async () => {
  const path = edge.path('normal/audio.mp4')
  const one = `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`
  const socket = connect(edge.port, '127.0.0.1', () => socket.write(one.repeat(8), 'latin1'))
  await new Promise((resolve) => socket.once('data', resolve))
  socket.destroy()

  await expect.poll(() => openFiles('asset-1/normal.mp4'), { timeout: 20_000 }).toBe(0)
}, 30_000)

test('a file that another process removes is served no longer than it is kept open', async () => {
  expect((await get('lossless/audio.mp4', { range: 'bytes=0-1' })).status).toBe(206)
  await rm(join(edge.folder, 'asset-1/lossless.mp4'))

  await expect
    .poll(async () => (await get('lossless/audio.mp4')).status, { timeout: 20_000, interval: 500 })
    .toBe(404)
  const low = { assetId: CLAIMS.assetId, top: 'LOW', first: 'LOW' }
  expect((await get('lossless/audio.mp4', {}, low)).status).toBe(403)
}, 30_000)

function openWithoutReading(url: string): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const client = request(url, (response) => {
      response.pause()
      resolve(client)
    })
    client.on('error', reject)
    client.end()
  })
}

/** How many times this process has the file open. */
async function openFiles(name: string): Promise<number> {
  const targets = (await readdir(DESCRIPTORS)).map((fd) => readlink(join(DESCRIPTORS, fd)).catch(() => ''))
  return (await Promise.all(targets)).filter((target) => target.endsWith(name)).length
}
