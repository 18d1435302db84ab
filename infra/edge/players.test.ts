import { execFile } from 'node:child_process'
import { createHmac, createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import installed from '@ffmpeg-installer/ffmpeg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AudioAsset } from '../../subgraphs/playback/services/audio-asset.ts'
import { QUALITIES } from '../../subgraphs/playback/services/quality.ts'
import { parseStreamHosts } from '../../subgraphs/playback/services/stream-hosts.ts'
import { type EdgeServer, newFolder, serveEdge } from '../../subgraphs/playback/testing/edge-server.ts'
import { makeSineAsset } from '../../subgraphs/playback/testing/sine-asset.ts'
import { hasChromium } from '../testing/browser.ts'
import { type HlsPage, openHlsPage } from '../testing/hls-page.ts'

const run = promisify(execFile)
const SECONDS = 14
const RATE = 8

let edge: EdgeServer
let asset: AudioAsset

beforeAll(async () => {
  const folder = await newFolder()
  asset = await makeSineAsset(installed.path, folder, SECONDS)
  edge = await serveEdge(folder, [asset])
})
afterAll(() => edge[Symbol.asyncDispose]())

describe.skipIf(!hasChromium)('hls.js in Chromium (needs Chromium)', () => {
  let player: HlsPage

  beforeAll(async () => {
    player = await openHlsPage()
  })
  afterAll(() => player[Symbol.asyncDispose]())

  test.each(QUALITIES)('plays %s to the end, from another site, encrypted or not', async (quality) => {
    const asked: string[] = []
    const listen = ({ url = '' }) => asked.push(url.split('/').slice(-2).join('/'))
    edge.server.on('request', listen)
    // One level alone, so that nothing but the quality asked for can have been heard.
    const url = edge.url + edge.path(`${quality.toLowerCase()}/index.m3u8`, { assetId: 'sine' })
    const played = await player.play(url, 0, RATE)
    edge.server.off('request', listen)

    expect(played.errors).toEqual([])
    expect(Math.abs(played.duration - SECONDS)).toBeLessThan(0.06)
    expect(Math.abs(played.endedAt - SECONDS)).toBeLessThan(0.06)
    expect(played.decodedBytes).toBeGreaterThan(10_000)
    expect(asked.includes(`${quality.toLowerCase()}/key`)).toBe(quality === 'HIGH' || quality === 'LOSSLESS')
  })

  test('plays the multivariant playlist to the end, and finds all four', async () => {
    const played = await player.play(edge.url + edge.path('master.m3u8', { assetId: 'sine' }), 0, RATE)

    expect([played.errors, played.levels]).toEqual([[], 4])
    expect(Math.abs(played.endedAt - SECONDS)).toBeLessThan(0.06)
  })

  test.each(['CLOUDFRONT', 'FASTLY'] as const)(
    'plays behind a host that verifies as %s documents it, with what each request has to carry',
    async (kind) => {
      await using host = await startHost(kind, edge.url)
      const [signer] = parseStreamHosts(JSON.stringify([host.settings]))
      if (signer === undefined) throw new Error('no signer')
      const claims = { assetId: 'sine', host: kind }
      const master = edge.path('master.m3u8', claims)
      const folder = master.replace('master.m3u8', '')
      const expiresAt = Math.floor(Date.now() / 1_000) + 60
      const query = signer.sign({ url: host.url, folder, top: 'LOSSLESS', expiresAt })
      const played = await player.play(`${host.url}${master}?${query}`, 1, RATE)

      expect(played.errors).toEqual([])
      expect(Math.abs(played.endedAt - SECONDS)).toBeLessThan(0.06)
      expect(host.answers.filter((status) => status === 403)).toEqual([])
      expect((await fetch(host.url + master)).status).toBe(403)
      expect((await fetch(`${host.url}${master}?${forge(query)}`)).status).toBe(403)
    },
  )
})

test.each(QUALITIES)('ffmpeg decodes %s to the sample, as loud as it went in', async (quality) => {
  const url = edge.url + edge.path(`${quality.toLowerCase()}/index.m3u8`, { assetId: 'sine' })
  const raw = ['-f', 's16le', '-ac', '2', '-ar', '44100', '-']
  const { stdout } = await run(installed.path, ['-v', 'error', '-i', url, ...raw], {
    encoding: 'buffer',
    maxBuffer: 2 ** 25,
  })
  const { stderr } = await run(installed.path, ['-i', url, '-af', 'ebur128', '-f', 'null', '-'])
  const loudness = Number(/I:\s+(-[\d.]+) LUFS/.exec(stderr.slice(stderr.lastIndexOf('Summary')))?.[1])
  const samples = stdout.length / 4

  // AAC comes in frames of 1,024, one of them the encoder's delay; FLAC to the sample.
  const extra = samples - SECONDS * 44_100
  expect(Math.abs(extra)).toBeLessThanOrEqual(quality === 'LOSSLESS' ? 0 : 2 * 1_024)
  expect(Math.abs(loudness - (await loudnessOfTone()))).toBeLessThanOrEqual(0.3)
})

/** The query with another first character of its signature, whatever that was. */
function forge(query: string): string {
  return query.replace(/(?<=^token=\d+_|Signature=)./, (first) => (first === '0' ? '1' : '0'))
}

/** The same tone that was encoded, measured by the same meter. */
async function loudnessOfTone(): Promise<number> {
  const tone = `sine=frequency=330:sample_rate=44100:duration=${SECONDS},pan=stereo|c0=c0|c1=0.5*c0`
  const args = ['-f', 'lavfi', '-i', tone, '-af', 'ebur128', '-f', 'null', '-']
  const { stderr } = await run(installed.path, args)
  return Number(/I:\s+(-[\d.]+) LUFS/.exec(stderr.slice(stderr.lastIndexOf('Summary')))?.[1])
}

interface Host extends AsyncDisposable {
  url: string
  settings: object
  answers: number[]
}

/** A CDN as far as its own documentation says what it verifies: the query is checked, taken off, and the rest goes to our edge. */
async function startHost(kind: 'CLOUDFRONT' | 'FASTLY', origin: string): Promise<Host> {
  const answers: number[] = []
  const key = Buffer.alloc(32, 7)
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  let server: Server
  const verifies = { CLOUDFRONT: isCloudFront, FASTLY: isFastly }[kind]
  function isFastly({ pathname, searchParams }: URL): boolean {
    const [expires = '', signature] = (searchParams.get('token') ?? '').split('_')
    const folder = pathname.split('/').slice(0, 4).join('/')
    const expected = createHmac('sha256', key).update(`${folder}/${expires}`).digest('hex')
    return signature === expected && Number(expires) * 1_000 > Date.now()
  }
  function isCloudFront({ href, searchParams }: URL): boolean {
    const bytes = (name: string) =>
      Buffer.from(
        (searchParams.get(name) ?? '').replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'),
        'base64',
      )
    const policy = bytes('Policy')
    const isSigned = createVerify('RSA-SHA1')
      .update(policy)
      .verify(createPublicKey(publicKey), bytes('Signature'))
    if (!isSigned) return false
    const [{ Resource, Condition }] = JSON.parse(policy.toString()).Statement
    const isAlive = Condition.DateLessThan['AWS:EpochTime'] * 1_000 > Date.now()
    return isAlive && href.startsWith(Resource.slice(0, -1))
  }
  server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo
    const url = new URL(request.url ?? '', `http://127.0.0.1:${port}`)
    const isGood = verifies(url)
    answers.push(isGood ? 200 : 403)
    if (!isGood) return void response.writeHead(403, { 'access-control-allow-origin': '*' }).end()
    const onward = httpRequest(origin + url.pathname, { method: request.method, headers: request.headers })
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    answers,
    settings:
      kind === 'CLOUDFRONT'
        ? { kind, url, keyPairId: 'K1', privateKey }
        : { kind, url, key: key.toString('base64') },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
