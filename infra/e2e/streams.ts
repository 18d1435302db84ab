import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { COUNTRY_CLAIMS } from '../../gateway/testing/country-claims.ts'
import { findFfmpeg } from '../../subgraphs/catalog/audio/ffmpeg.ts'
import { readDemoCatalogue } from '../demo/catalogue.ts'
import { type ApiClient, type Json, list, signIn } from '../testing/client.ts'
import { operation } from '../testing/operations.ts'

const run = promisify(execFile)

/** What a player does with a manifest, by ffmpeg: it decodes every quality to its end, and nothing that was altered. */
export function testStreams(address: () => string): void {
  let premium: ApiClient
  // Anew for each test: keys are for the stream that was started last, and other tests start streams of this account as well.
  const play = (): Promise<Json> => start(premium, 'Everyone I Love Is Asleep')

  beforeAll(async () => {
    premium = await signIn(address(), 'premium@cadenza.example')
  })

  test.each(['low', 'normal', 'high', 'lossless'])(
    'ffmpeg decodes %s to the full length',
    async (quality) => {
      const manifest = await play()
      const url = String(manifest['url']).replace('master.m3u8', `${quality}/index.m3u8`)
      const seconds = await decodedSeconds(url)

      expect(Math.abs(seconds * 1_000 - Number(manifest['track']?.['durationMs']))).toBeLessThan(60)
    },
  )

  test('ffmpeg plays the multivariant playlist itself', async () => {
    expect(await decodedSeconds(String((await play())['url']))).toBeGreaterThan(30)
  })

  test('one byte off, or for another track: refused, and nothing said', async () => {
    const other = await start(premium, "Tell Me It's Love")
    const url = String((await play())['url'])
    const token = /\/stream\/([^/]+)\//.exec(url)?.[1] ?? ''
    const altered = [...token].map((letter, index) => {
      const forged = token.slice(0, index) + (letter === 'A' ? 'B' : 'A') + token.slice(index + 1)
      return url.replace(token, forged)
    })
    const ofOther = String(other['url']).replace(/\/stream\/[^/]+\//, `/stream/${token}/`)
    const answers = await Promise.all([...altered, ofOther].map((forged) => fetch(forged)))

    expect((await fetch(url)).status).toBe(200)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]))
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(answers.map(() => ''))
  })

  test('audio is immutable and answers ranges', async () => {
    const url = String((await play())['url']).replace('master.m3u8', 'low/audio.mp4')
    const whole = await fetch(url)
    const bytes = Buffer.from(await whole.arrayBuffer())
    const part = await fetch(url, { headers: { range: 'bytes=100-199' } })

    expect(whole.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(100, 200))
  })

  test(`${COUNTRY_CLAIMS.length} ways to claim a country: none plays what is licensed there and not at home`, async () => {
    const person = await signIn(address(), 'admin@cadenza.example')
    const { viewer } = await person.data('{ viewer { country } }')
    const home = String(viewer?.['country'])
    const tracks = readDemoCatalogue().albums.flatMap((album) => album.tracks)
    const abroad = tracks.find(({ markets }) => markets.includes('SE') && !markets.includes(home))
    const input = { trackId: derivedId('track', `demo:${abroad?.key}`), deviceId: person.deviceId }
    const body = JSON.stringify({ query: operation('PlaybackStart'), variables: { input } })
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${person.token}` }
    const codes = new Set<unknown>()
    for (const claim of COUNTRY_CLAIMS) {
      const response = await fetch(address(), { method: 'POST', headers: { ...headers, ...claim }, body })
      codes.add(((await response.json()) as { data: Json }).data['playbackStart']?.['code'])
    }

    expect(home).not.toBe('SE')
    expect([...codes]).toEqual(['MARKET'])
  })

  test('a track whose audio is not there yet is NOT_READY, and plays within 5 s', async () => {
    const { search } = await premium.data('Search', { query: 'river', first: 20 })
    const ids = list(search?.['tracks']?.['edges']).map((edge) => edge['node']?.['id'])
    let trackId: unknown
    for (const id of ids) {
      const answer = await startTrack(premium, id)
      trackId = id
      if (String(answer['code']) === 'NOT_READY' && answer['retryable']) break
    }
    const begun = Date.now()
    await expect
      .poll(async () => (await startTrack(premium, trackId))['__typename'], {
        timeout: 10_000,
        interval: 100,
      })
      .toBe('StreamManifest')

    // Twice the aim: other tests use the same cores.
    expect(Date.now() - begun).toBeLessThan(10_000)
  })
}

async function start(client: ApiClient, title: string): Promise<Json> {
  const { search } = await client.data('Search', { query: title, first: 1 })
  return startTrack(client, search?.['tracks']?.['edges']?.[0]?.['node']?.['id'])
}

async function startTrack(client: ApiClient, trackId: unknown): Promise<Json> {
  const input = { trackId, deviceId: client.deviceId, networkKbps: 20_000 }
  return (await client.data('PlaybackStart', { input }))['playbackStart'] as Json
}

/** Decodes everything behind `url` and returns how long it sounds: the samples that came out, not what a header claims. */
async function decodedSeconds(url: string): Promise<number> {
  const ffmpeg = await findFfmpeg()
  const args = ['-v', 'error', '-i', url, '-map', '0:a:0', '-f', 's16le', '-ac', '2', '-ar', '44100', '-']
  const { stdout } = await run(ffmpeg, args, {
    encoding: 'buffer',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 60_000,
  })
  return stdout.length / 4 / 44_100
}
