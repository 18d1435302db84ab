import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AudioAsset, assetIdOf, audioAssetSchema, type Quality } from './asset.ts'
import { findAsset } from './asset-folder.ts'
import { compose } from './composition.ts'
import { bundledFfmpeg, findFfmpeg } from './ffmpeg.ts'
import { readFmp4 } from './fmp4.ts'
import { packageAudio } from './packaging.ts'
import { createPcm, type StereoPcm } from './pcm.ts'
import { decode } from './testing/decoding.ts'
import { level, SCORE } from './testing/listening.ts'

const SONG = { ...SCORE, durationMs: 22_345 } // three segments, the last one short
const MINIMUM: Record<Quality, number> = { LOW: 12, NORMAL: 16, HIGH: 22, LOSSLESS: 80 } // dB above what coding adds

let root: string
let pcm: StereoPcm

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'packaging-'))
  pcm = compose(SONG)
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** How far, in dB, what was decoded lies below what was composed: low if it is late by a single sample. */
function likeness(decoded: StereoPcm, late = 0): number {
  const difference = pcm.left.map((sample, index) => sample - (decoded.left[index + late] ?? 0))
  return 20 * Math.log10(level(pcm.left, 0, pcm.left.length) / level(difference, 0, pcm.left.length))
}

describe.each([
  ['the ffmpeg on PATH', () => findFfmpeg()],
  ['the bundled ffmpeg', async () => (await bundledFfmpeg()) ?? findFfmpeg()],
])('packageAudio with %s', (name, find) => {
  let ffmpeg: string
  let asset: AudioAsset
  const home = (): string => join(root, name.replaceAll(' ', '-'))

  beforeAll(async () => {
    ffmpeg = await find()
    asset = await packageAudio(pcm, { root: home(), assetId: assetIdOf(SONG), ffmpeg })
  })

  test('answers an asset that says what is on the disk', async () => {
    expect(audioAssetSchema.parse(asset)).toEqual(asset)
    expect(await findAsset(home(), asset.assetId)).toEqual(asset)
    expect(asset.durationMs).toBe(22_345)
    expect(asset.renditions.map(({ quality, codec }) => [quality, codec])).toEqual([
      ['LOW', 'mp4a.40.2'],
      ['NORMAL', 'mp4a.40.2'],
      ['HIGH', 'mp4a.40.2'],
      ['LOSSLESS', 'fLaC'],
    ])
    expect(await readdir(home())).toEqual([asset.assetId]) // nothing half-made beside it
  })

  test.each(['LOW', 'NORMAL', 'HIGH', 'LOSSLESS'] as const)(
    '%s decodes to the full length and lines up to the sample',
    async (quality) => {
      const rendition = asset.renditions.find((one) => one.quality === quality)
      const decoded = await decode(ffmpeg, join(home(), rendition?.path ?? ''))
      const extra = decoded.left.length - pcm.left.length

      expect(extra).toBeGreaterThanOrEqual(0)
      expect(extra).toBeLessThan(quality === 'LOSSLESS' ? 1 : 1_024)
      expect(likeness(decoded)).toBeGreaterThan(MINIMUM[quality])
      for (const late of [-1024, -1, 1, 1024]) expect(likeness(decoded, late)).toBeLessThan(likeness(decoded))
    },
  )

  test('every quality is cut at the same moments, and its byte ranges tile its file', async () => {
    const times = asset.renditions.map(({ segments }) => segments.map(({ durationMs }) => durationMs))
    expect(times[0]).toHaveLength(3)
    for (const rendition of asset.renditions) {
      let end = rendition.initBytes
      for (const segment of rendition.segments) {
        expect(segment.offset).toBe(end)
        end += segment.bytes
      }
      expect(end).toBe(rendition.bytes)
      expect(rendition.segments.slice(0, -1).map(({ durationMs }) => durationMs)).toEqual(
        times[0]?.slice(0, -1),
      )
      const total = rendition.segments.reduce((sum, { durationMs }) => sum + durationMs, 0)
      expect(Math.abs(total - 22_345)).toBeLessThan(24)
    }
  })

  test('each quality takes about the bandwidth it names', () => {
    for (const { bitrateKbps, bytes, quality } of asset.renditions) {
      expect(Math.abs((bytes * 8) / 22_345 / bitrateKbps - 1)).toBeLessThan(
        quality === 'LOSSLESS' ? 0.01 : 0.15,
      )
    }
  })

  test('the first segment and a later one play by themselves behind the initialisation', async () => {
    for (const rendition of asset.renditions) {
      const file = await readFile(join(home(), rendition.path))
      const [, second] = rendition.segments
      if (second === undefined) throw new Error('no second segment')
      const alone = join(root, `alone-${rendition.quality}.mp4`)
      await writeFile(alone, [
        file.subarray(0, rendition.initBytes),
        file.subarray(second.offset, second.offset + second.bytes),
      ])

      expect(Math.abs((await decode(ffmpeg, alone)).left.length - 442_368)).toBeLessThanOrEqual(1_024)
    }
  })

  test('a file cut anywhere is refused', async () => {
    const { path, bytes, segments } = asset.renditions[0] ?? { path: '', bytes: 0, segments: [] }
    const whole = await readFile(join(home(), path))
    const cut = join(root, 'cut.mp4')
    const points = [
      3,
      100,
      segments[0]?.offset ?? 0,
      (segments[1]?.offset ?? 0) + 900,
      bytes - 5_000,
      bytes - 1,
    ]
    for (const point of points) {
      await writeFile(cut, whole)
      await truncate(cut, point)
      await expect(readFmp4(cut)).rejects.toMatchObject({ code: 'FILE_BROKEN' })
    }
  })
})

describe('readFmp4', () => {
  test('names the file when a box lies about what it holds', async () => {
    const asset = await packageAudio(pcm, { root, assetId: 'audio_liar', ffmpeg: await findFfmpeg() })
    const bytes = await readFile(join(root, asset.renditions[0]?.path ?? ''))
    bytes.writeUInt32BE(0x00ffffff, bytes.indexOf('trun') + 8) // sixteen million samples
    const liar = join(root, 'liar.mp4')
    await writeFile(liar, bytes)

    await expect(readFmp4(liar)).rejects.toMatchObject({
      code: 'FILE_BROKEN',
      message: expect.stringContaining(liar),
    })
  })

  test('refuses a file with a fragment missing from its middle, and a file that is something else', async () => {
    const asset = await packageAudio(pcm, { root, assetId: 'audio_hole', ffmpeg: await findFfmpeg() })
    const { path, segments } = asset.renditions[1] ?? { path: '', segments: [] }
    const whole = await readFile(join(root, path))
    const [first, second] = segments
    const hole = join(root, 'hole.mp4')
    await writeFile(hole, [
      whole.subarray(0, (first?.offset ?? 0) + (first?.bytes ?? 0)),
      whole.subarray((second?.offset ?? 0) + (second?.bytes ?? 0)),
    ])
    const text = join(root, 'text.mp4')
    await writeFile(text, 'This is not music, however long one looks at it.')

    await expect(readFmp4(hole)).rejects.toMatchObject({
      code: 'FILE_BROKEN',
      message: expect.stringContaining('does not begin where'),
    })
    await expect(readFmp4(text)).rejects.toMatchObject({ code: 'FILE_BROKEN' })
  })
})

describe('packageAudio', () => {
  test('leaves nothing behind when ffmpeg fails, and refuses audio without its leading silence', async () => {
    const home = join(root, 'failing')
    const loud = createPcm(44_100 * 4)
    loud.left.fill(0.1)

    await expect(
      packageAudio(pcm, { root: home, assetId: 'audio_x', ffmpeg: '/bin/false' }),
    ).rejects.toMatchObject({ code: 'FFMPEG_FAILED' })
    await expect(packageAudio(loud, { root: home, assetId: 'audio_x', ffmpeg: 'ffmpeg' })).rejects.toThrow(
      /silence/,
    )
    expect(await readdir(home)).toEqual([])
  })

  test('replaces a broken asset and keeps a whole one', async () => {
    const home = join(root, 'again')
    const ffmpeg = await findFfmpeg()
    const first = await packageAudio(pcm, { root: home, assetId: 'audio_y', ffmpeg })
    const low = join(home, first.renditions[0]?.path ?? '')
    await truncate(low, 1_000)
    expect(await findAsset(home, 'audio_y')).toBeNull()

    const second = await packageAudio(pcm, { root: home, assetId: 'audio_y', ffmpeg })

    expect(second).toEqual(first)
    expect(await findAsset(home, 'audio_y')).toEqual(first)
  })
})
