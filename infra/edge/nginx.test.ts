import { execFile, spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import installed from '@ffmpeg-installer/ffmpeg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AudioAsset } from '../../subgraphs/playback/services/audio-asset.ts'
import { signStream } from '../../subgraphs/playback/services/stream-token.ts'
import {
  type EdgeServer,
  newFolder,
  serveEdge,
  writeAsset,
} from '../../subgraphs/playback/testing/edge-server.ts'
import { assetOf, CLAIMS, newRing, TRACK } from '../../subgraphs/playback/testing/signed.ts'
import { makeSineAsset } from '../../subgraphs/playback/testing/sine-asset.ts'
import { hasNginx, type NginxEdge, startNginxEdge } from '../testing/nginx.ts'

const run = promisify(execFile)
const FFMPEG = 'ffmpeg'
// The build that comes with the packages does not get its ranges right on a connection that nginx keeps.
const hasFfmpeg = spawnSync(FFMPEG, ['-version']).status === 0
const SIZE = 300_100
const SECONDS = 9
const CLASSES = [
  'master.m3u8',
  ...['low', 'normal', 'high', 'lossless'].flatMap((quality) => [
    `${quality}/index.m3u8`,
    `${quality}/audio.mp4`,
  ]),
  'high/key',
]

describe.skipIf(!hasNginx)('nginx with infra/edge/nginx (needs nginx and libnginx-mod-http-js)', () => {
  let edge: EdgeServer
  let nginx: NginxEdge
  let low: Buffer
  let asked: string[] = []
  let keys: Record<string, string>
  const expiresAt = Math.floor(Date.now() / 1_000) + 600

  beforeAll(async () => {
    const folder = await newFolder()
    const assets: AudioAsset[] = [
      assetOf('asset-1', SIZE),
      await makeSineAsset(installed.path, folder, SECONDS),
    ]
    edge = await serveEdge(folder, assets)
    edge.clock.now = Date.now()
    edge.server.on('request', ({ url = '' }) => asked.push(url.split('/').slice(-2).join('/')))
    low = (await writeAsset(folder, assets[0] as AudioAsset)).get('asset-1/low.mp4') ?? Buffer.alloc(0)
    keys = Object.fromEntries([...edge.ring.keys].map(([kid, key]) => [kid, key.toString('base64url')]))
    nginx = await startNginxEdge({
      audio: folder,
      origin: edge.url,
      keys: () => JSON.stringify({ active: edge.ring.active, keys }),
    })
  })
  afterAll(async () => {
    await nginx[Symbol.asyncDispose]()
    await edge[Symbol.asyncDispose]()
  })

  const path = (file: string, claims = {}) => edge.path(file, { expiresAt, ...claims })
  const get = (target: string, init: RequestInit = {}) => fetch(nginx.url + target, init)
  const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())
  /** The status of a request whose target no client library tidies up. */
  const statusOf = (target: string) =>
    new Promise<number>((resolve, reject) => {
      const socket = connect(Number(new URL(nginx.url).port), '127.0.0.1', () =>
        socket.write(`GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`, 'latin1'),
      )
      socket.once('data', (data) => resolve(Number(data.toString('latin1').split(' ')[1])))
      socket.once('error', reject)
    })

  test.each(CLASSES)(
    '%s opens with its token, by GET and by HEAD, and to our own edge’s bytes',
    async (file) => {
      const target = path(file)
      const [ours, theirs, head] = [
        await fetch(edge.url + target),
        await get(target),
        await get(target, { method: 'HEAD' }),
      ]

      expect([theirs.status, head.status, await head.text()]).toEqual([200, 200, ''])
      expect(await bytesOf(theirs)).toEqual(await bytesOf(ours))
      expect(theirs.headers.get('content-type')).toBe(ours.headers.get('content-type'))
      expect(theirs.headers.get('cache-control')).toBe(ours.headers.get('cache-control'))
      expect(theirs.headers.get('access-control-allow-origin')).toBe('*')
    },
  )

  test.each(CLASSES)('%s is an empty 403 for every forgery', async (file) => {
    const target = path(file)
    const late = path(file, { expiresAt: Math.floor(Date.now() / 1_000) - 1 })
    for (const forged of [
      target.replace(/\/stream\/[^/]+/, '/stream'),
      target.replace(/.(?=\.k1\.)/, (letter) => (letter === 'A' ? 'B' : 'A')),
      target.replace(/.(?=\/track_)/, (letter) => (letter === 'A' ? 'B' : 'A')),
      target.replace('.k1.', '.k2.'),
      target.replace('.k1.', '.__proto__.'),
      target.replace('.k1.', '.toString.'),
      target.replace(TRACK, 'track_0000000000000000000000'),
      late,
      `${target}?a=b`,
    ]) {
      const response = await get(forged)
      expect([forged, response.status, await response.text()]).toEqual([forged, 403, ''])
    }
  })

  test('no quality above the token, and no key for it', async () => {
    const top = { top: 'NORMAL', first: 'LOW' }
    const statuses = await Promise.all(CLASSES.map(async (file) => (await get(path(file, top))).status))

    expect(statuses).toEqual([200, 200, 200, 200, 200, 403, 403, 403, 403, 403])
  })

  test('tricks with the path are refused as they come', async () => {
    const target = path('low/audio.mp4')

    expect(await statusOf(target)).toBe(200)
    for (const trick of [
      target.replace('/low/', '/lossless/../low/'),
      target.replace('/low/', '/./low/'),
      target.replace('/low/', '//low/'),
      target.replace('/low/', '%2flow/'),
      target.replace('/low/', '/%6cow/'),
      target.replace('/low/', '\\low/'),
      `/x/..${target}`,
      `/${target}`,
      `${target}#`,
      `${target}/`,
      `${target}%00`,
      '/audio/asset-1/low.mp4',
      '/sealed',
      '/origin',
      '/preflight',
      `/stream/${'A'.repeat(3_000)}`,
    ])
      expect([trick, [400, 403, 404].includes(await statusOf(trick))]).toEqual([trick, true])
  })

  test('one and several ranges are those bytes, also of what is sealed', async () => {
    const whole = await bytesOf(await fetch(edge.url + path('high/audio.mp4')))
    const part = await get(path('low/audio.mp4'), { headers: { range: 'bytes=65535-131072' } })
    const sealed = await get(path('high/audio.mp4'), { headers: { range: 'bytes=120100-299000' } })
    const several = await get(path('low/audio.mp4'), { headers: { range: 'bytes=0-3,-2' } })

    expect(part.status).toBe(206)
    expect(await bytesOf(part)).toEqual(low.subarray(65_535, 131_073))
    expect([sealed.status, sealed.headers.get('content-range')]).toEqual([
      206,
      `bytes 120100-299000/${whole.length}`,
    ])
    expect(await bytesOf(sealed)).toEqual(whole.subarray(120_100, 299_001))
    expect(several.headers.get('content-type')).toMatch(/^multipart\/byteranges/)
    expect((await get(path('low/audio.mp4'), { headers: { range: `bytes=${SIZE}-` } })).status).toBe(416)
  })

  test('clear audio never comes to our edge, sealed audio once for everybody, a key each time', async () => {
    const others = [
      {},
      { user: 'somebody-else', nonce: 'another1' },
      { playbackId: 'playback_2', nonce: 'third' },
    ]
    for (const file of ['normal/audio.mp4', 'lossless/audio.mp4', 'high/key']) {
      await get(path(file))
      asked = []
      const answers = await Promise.all(others.map((claims) => get(path(file, claims))))

      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      expect([file, asked.length]).toEqual([file, file === 'high/key' ? 3 : 0])
    }
  })

  test('players on any page may ask for ranges', async () => {
    const preflight = await get(path('low/audio.mp4'), { method: 'OPTIONS' })

    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'Range, If-Range, If-None-Match',
    ])
    expect((await get(path('low/audio.mp4'), { method: 'DELETE' })).status).toBe(405)
  })

  test.skipIf(!hasFfmpeg).each(['low', 'normal', 'high', 'lossless'])(
    'ffmpeg plays %s through it to the end (needs ffmpeg)',
    async (quality) => {
      const url = nginx.url + path(`${quality}/index.m3u8`, { assetId: 'sine' })
      const args = ['-v', 'error', '-i', url, '-f', 's16le', '-ac', '2', '-ar', '44100', '-']
      const { stdout } = await run(FFMPEG, args, { encoding: 'buffer', maxBuffer: 2 ** 25 })

      expect(Math.abs(stdout.length / 4 / 44_100 - SECONDS)).toBeLessThan(0.06)
    },
  )

  test('keys are rotated by reading the file again, and no good URL is refused meanwhile', async () => {
    const before = path('low/audio.mp4')
    const next = newRing('next')
    const statusFor = async (target: string) =>
      (await get(target, { headers: { connection: 'close' } })).status
    const after = `/stream/${signStream({ ...CLAIMS, expiresAt }, next)}/${TRACK}/low/audio.mp4`

    expect(await statusFor(after)).toBe(403)
    keys = { ...keys, next: next.keys.get('next')?.toString('base64url') ?? '' }
    await nginx.reload()
    await expect.poll(() => statusFor(after)).toBe(200)
    expect(await statusFor(before)).toBe(200)
  })
})
