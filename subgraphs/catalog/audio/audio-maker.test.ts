import { chmod, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFileStorage } from '#shared/storage/file-storage.ts'
import { createScratch } from '#shared/storage/scratch.ts'
import { audioAssetSchema } from './asset.ts'
import { type AudioMaker, createAudioMaker } from './audio-maker.ts'
import { bundledFfmpeg, findFfmpeg, runFfmpeg } from './ffmpeg.ts'
import { ebur128 } from './testing/decoding.ts'
import { record } from './testing/recordings.ts'

let home: string
let ffmpeg: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'recordings-'))
  ffmpeg = await findFfmpeg()
})
afterAll(() => rm(home, { recursive: true, force: true }))

const at = (name: string): string => join(home, name)

function open(
  name: string,
  ffmpegPath = ffmpeg,
  longestMs?: number,
): { maker: AudioMaker; root: string; list(): Promise<string[]> } {
  const root = at(name)
  const scratch = createScratch(at(`${name}-scratch`))
  const storage = createFileStorage({ folder: root, scratch, secret: '', publicUrl: '' })
  return {
    maker: createAudioMaker({ storage, scratch, ffmpegPath, longestMs }),
    root,
    list: async () => [
      ...(await readdir(root).catch(() => [])),
      ...(await readdir(at(`${name}-scratch`)).catch(() => [])),
    ],
  }
}

const FORMATS: [name: string, args: string[], qualities: [string, number][]][] = [
  [
    'a.flac',
    [],
    [
      ['LOW', 96],
      ['NORMAL', 160],
      ['HIGH', 320],
      ['LOSSLESS', 0],
    ],
  ],
  [
    'hires.flac',
    ['-ar', '96000', '-sample_fmt', 's32'],
    [
      ['LOW', 96],
      ['NORMAL', 160],
      ['HIGH', 320],
      ['LOSSLESS', 0],
    ],
  ],
  [
    'mono.wav',
    ['-ac', '1'],
    [
      ['LOW', 96],
      ['NORMAL', 160],
      ['LOSSLESS', 0],
    ],
  ],
  [
    'b.mp3',
    ['-b:a', '128k'],
    [
      ['LOW', 96],
      ['NORMAL', 128],
    ],
  ],
  [
    'c.ogg',
    ['-c:a', 'libvorbis', '-b:a', '192k'],
    [
      ['LOW', 96],
      ['NORMAL', 160],
      ['HIGH', 192],
    ],
  ],
  ['d.opus', ['-c:a', 'libopus', '-b:a', '64k'], [['LOW', 64]]],
  [
    'e.m4a',
    ['-c:a', 'aac', '-b:a', '256k'],
    [
      ['LOW', 96],
      ['NORMAL', 160],
      ['HIGH', 256],
    ],
  ],
]

describe.each([
  ['the ffmpeg on PATH', () => findFfmpeg(), FORMATS],
  ['the bundled ffmpeg', async () => (await bundledFfmpeg()) ?? findFfmpeg(), FORMATS.slice(1, 4)],
])('recordings, by %s', (program, find, formats) => {
  test.each(formats)(
    '%s is offered in no quality that it does not have',
    async (name, args, qualities) => {
      const { maker, root } = open(`made by ${program}`.replaceAll(' ', '-'), await find())
      const file = await record(at(name), { seconds: 11, args })

      const { asset, features, histogram } = await maker.make(file)

      expect(audioAssetSchema.parse(asset)).toEqual(asset)
      expect(asset.renditions.map(({ quality }) => quality)).toEqual(qualities.map(([quality]) => quality))
      for (const [index, [quality, kbps]] of qualities.entries()) {
        // Variable rates are what the encoder came to: about what was asked for.
        const told = asset.renditions[index]?.bitrateKbps ?? 0
        if (quality !== 'LOSSLESS') expect(Math.abs(told - kbps) / kbps).toBeLessThan(0.45)
        if (quality !== 'LOSSLESS') expect(told).toBeLessThanOrEqual({ LOW: 96, NORMAL: 160 }[quality] ?? 320)
      }
      expect(Math.abs(asset.durationMs - 11_000)).toBeLessThan(60)
      expect(histogram.reduce((sum, [, blocks]) => sum + blocks, 0)).toBeGreaterThan(90)
      expect(features.loudness).toBe(asset.loudnessCentilufs / 100)

      const cuts = asset.renditions.map(({ segments }) =>
        segments.slice(0, -1).map(({ durationMs }) => durationMs),
      )
      for (const other of cuts) expect(other).toEqual(cuts[0])
      expect(cuts[0]?.[0]).toBeGreaterThan(9_900)

      // All qualities begin at the same sample: after the delay that the asset tells of comes what was recorded.
      const { sampleRate, delaySamples, samples } = asset.gapless ?? {
        sampleRate: 0,
        delaySamples: 0,
        samples: 0,
      }
      const original = await hear(file, sampleRate)
      expect(Math.abs(samples - original.length)).toBeLessThan(1_200) // encoders of lossy originals round up
      for (const { path } of asset.renditions)
        expect(
          Math.abs(lagOf(await hear(join(root, path), sampleRate), original) - delaySamples),
        ).toBeLessThan(2)
      const { lufs } = await ebur128(ffmpeg, { left: original, right: original }, sampleRate)
      expect(Math.abs(asset.loudnessCentilufs - lufs * 100)).toBeLessThan(15)
    },
    60_000,
  )
})

/** The first channel of a file at a sample rate. */
async function hear(path: string, rate: number): Promise<Float32Array> {
  const args = [
    '-v',
    'error',
    '-i',
    `file:${path}`,
    '-ar',
    String(rate),
    '-af',
    'pan=stereo|c0=c0|c1=c0',
    '-f',
    'f32le',
    '-',
  ]
  const bytes = await runFfmpeg(ffmpeg, args, { timeoutMs: 20_000 })
  return Float32Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readFloatLE(index * 8))
}

/** How many samples later one signal is heard in another, give or take a tenth of a second from what is expected. */
function lagOf(later: Float32Array, earlier: Float32Array): number {
  let best = 0
  let likest = Number.NEGATIVE_INFINITY
  for (let lag = 800; lag < 1_250; lag++) {
    let product = 0
    for (let index = 0; index < 20_000; index++) product += (later[index + lag] ?? 0) * (earlier[index] ?? 0)
    if (product > likest) [best, likest] = [lag, product]
  }
  return best
}

test('the same sound under other tags is the asset that is there already', async () => {
  const { maker, root } = open('again')
  const first = await maker.make(await record(at('one.flac'), { tags: { title: 'One' } }))
  const written = await readFile(join(root, first.asset.renditions[0]?.path ?? ''))

  const second = await createAudioMaker({
    storage: createFileStorage({ folder: root, scratch: createScratch(at('s')), secret: '', publicUrl: '' }),
    scratch: createScratch(at('s')),
  }).make(await record(at('two.flac'), { tags: { title: 'Two', artist: 'Somebody' } }))

  expect(second).toEqual(first)
  expect(await readFile(join(root, first.asset.renditions[0]?.path ?? ''))).toEqual(written)
  await truncate(join(root, first.asset.renditions[0]?.path ?? ''), 100)
  expect(await maker.make(at('one.flac'))).toEqual(first)
  expect(await readFile(join(root, first.asset.renditions[0]?.path ?? ''))).toEqual(written)
})

describe('what is no recording, or not all of one', () => {
  const refused = async (
    name: string,
    file: string | Buffer,
    code: string,
    program = ffmpeg,
  ): Promise<void> => {
    const { maker, list } = open(`refused-${name}`, program)
    await expect(maker.make(file)).rejects.toMatchObject({ code })
    expect(await list()).toEqual([])
  }

  test('an empty file, a zip called .mp3, a text, a picture and a playlist that names other files', async () => {
    const files: Record<string, string | Buffer> = {
      'empty.mp3': '',
      'zip.mp3': Buffer.from('PK\u0003\u0004\u0014\u0000\u0000\u0000'),
      'text.wav': 'RIFF and nothing more',
      'picture.flac': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]),
      'list.m4a': '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n',
    }
    for (const [name, content] of Object.entries(files)) {
      await writeFile(at(name), content)
      await refused(name, at(name), 'NOT_AUDIO')
    }
  })

  test('a head of a format without anything behind it', async () => {
    for (const [name, head] of Object.entries({
      'head.flac': 'fLaC',
      'head.mp3': '\u00ff\u00fb\u0090\u0064',
      'head.m4a': '\u0000\u0000\u0000\u0018ftypM4A \u0000\u0000\u0000\u0000M4A isom',
    })) {
      await writeFile(at(name), Buffer.from(head, 'latin1'))
      await refused(name, at(name), 'NOT_AUDIO')
    }
  })

  test.each(['cut.flac', 'cut.wav', 'cut.ogg', 'cut.opus', 'cut.m4a'])(
    '%s, whose second half is missing',
    async (name) => {
      const codec = { ogg: ['-c:a', 'libvorbis'], opus: ['-c:a', 'libopus'] }[name.split('.')[1] ?? ''] ?? []
      const file = await record(at(name), { seconds: 8, args: codec })
      await truncate(file, Math.floor((await readFile(file)).length / 2))
      await refused(name, file, 'TRUNCATED')
    },
  )

  test('an MP3 that says how long it is and is not', async () => {
    const file = await record(at('cut.mp3'), { seconds: 8 })
    await truncate(file, Math.floor((await readFile(file)).length / 2))

    await refused('cut.mp3', file, 'TRUNCATED')
  })

  test('what is called otherwise than it is, is taken for what it is', async () => {
    const flac = await record(at('really.flac'))
    await writeFile(at('called.mp3'), await readFile(flac))

    const { asset } = await open('mislabelled').maker.make(at('called.mp3'))

    expect(asset.renditions.at(-1)?.quality).toBe('LOSSLESS')
  })

  test('names that are options, addresses, bytes that are no text, or very long', async () => {
    const { maker } = open('names')
    const content = await readFile(await record(at('plain.flac')))
    for (const name of [
      Buffer.from('-i.flac'),
      Buffer.from('http:x.flac'),
      Buffer.from([0x66, 0xff, 0xfe, 0x2e]),
      Buffer.from('é'.repeat(120)),
      Buffer.from('🎵.flac'),
    ]) {
      const path = Buffer.concat([Buffer.from(`${home}/`), name])
      await writeFile(path, content)
      expect((await maker.make(path)).asset.durationMs).toBe(3_000)
    }
  })

  test('no ffmpeg is said in one sentence that says what to do', async () => {
    const { maker, list } = open('missing', '/nowhere/ffmpeg')
    const file = await record(at('fine.flac'))

    await expect(maker.make(file)).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
      message: 'No ffmpeg runs here (tried /nowhere/ffmpeg): check the configured path.',
    })
    expect(await list()).toEqual([])
  })

  test('a disk that is full in the middle leaves nothing behind', async () => {
    const full = at('full-ffmpeg')
    await writeFile(
      full,
      `#!/bin/sh\ncase "$*" in *filter_complex*) echo "av_interleaved_write_frame(): No space left on device" >&2; exit 1;; esac\nexec ${ffmpeg} "$@"\n`,
    )
    await chmod(full, 0o755)

    await refused('full', await record(at('large.flac')), 'NO_ROOM', full)
  })
})

test.each<[string, string[], number]>([
  ['says.flac', [], 3_000],
  ['says-not.mp3', ['-write_xing', '0'], 3_200],
])(
  '%s: as long as the longest is taken, longer is not and leaves nothing',
  async (name, args, longestMs) => {
    const path = await record(at(name), { seconds: 3, args })
    const taken = open(`taken-${name}`, ffmpeg, longestMs)
    const refused = open(`refused-${name}`, ffmpeg, 2_999)

    expect((await taken.maker.make(path)).asset.durationMs).toBeGreaterThanOrEqual(3_000)
    await expect(refused.maker.make(path)).rejects.toMatchObject({ code: 'TOO_LONG' })
    expect(await refused.list()).toEqual([])
  },
  60_000,
)
