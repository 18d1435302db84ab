import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import installed from '@ffmpeg-installer/ffmpeg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { QUALITIES } from './services/quality.ts'
import { type EdgeServer, newFolder, serveEdge } from './testing/edge-server.ts'
import { makeSineAsset } from './testing/sine-asset.ts'

const run = promisify(execFile)
const SECONDS = 14
/** The build that comes with the packages, from 2018, and the newer one that this machine may have. */
const PLAYERS = {
  'ffmpeg of 2018': installed.path,
  ...((await isThere('ffmpeg')) && { 'ffmpeg on the PATH': 'ffmpeg' }),
}

let edge: EdgeServer

beforeAll(async () => {
  const folder = await newFolder()
  edge = await serveEdge(folder, [await makeSineAsset(installed.path, folder, SECONDS)])
})
afterAll(() => edge[Symbol.asyncDispose]())

for (const [name, player] of Object.entries(PLAYERS)) {
  test.each(QUALITIES)(`${name} decodes %s to its full length`, async (quality) => {
    const url = edge.url + edge.path(`${quality.toLowerCase()}/index.m3u8`, { assetId: 'sine' })

    expect(Math.abs((await decodedSeconds(player, url)) - SECONDS)).toBeLessThan(0.06)
  })

  test(`${name} finds every quality the token allows in the multivariant playlist`, async () => {
    const url = edge.url + edge.path('master.m3u8', { assetId: 'sine' })
    const streams = await Promise.all(
      [0, 1, 2, 3].map((index) => decodedSeconds(player, url, `0:a:${index}`)),
    )

    for (const seconds of streams) expect(Math.abs(seconds - SECONDS)).toBeLessThan(0.06)
    await expect(decodedSeconds(player, url, '0:a:4')).rejects.toThrow(/matches no streams/)
  })
}

test('ffmpeg is refused when one byte of the URL differs', async () => {
  const url = edge.url + edge.path('master.m3u8', { assetId: 'sine' }).replace('.k1.', '.k0.')

  await expect(decodedSeconds(installed.path, url)).rejects.toThrow(/403/)
})

/** What comes out, in seconds: samples, not what a header claims. */
async function decodedSeconds(player: string, url: string, stream = '0:a:0'): Promise<number> {
  const output = ['-f', 's16le', '-ac', '2', '-ar', '44100', '-']
  const { stdout } = await run(player, ['-v', 'error', '-i', url, '-map', stream, ...output], {
    encoding: 'buffer',
    maxBuffer: 32 * 1_024 * 1_024,
    timeout: 20_000,
  })
  return stdout.length / 4 / 44_100
}

async function isThere(player: string): Promise<boolean> {
  return run(player, ['-version']).then(
    () => true,
    () => false,
  )
}
