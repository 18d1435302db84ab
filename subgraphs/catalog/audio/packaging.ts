import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AudioAsset, fileOf, type Rendition } from './asset.ts'
import { findAsset, MANIFEST, PARTIAL } from './asset-folder.ts'
import { AAC_FRAME, AAC_KBPS, composedArgs } from './encoding.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { measureLoudness } from './loudness.ts'
import { SAMPLE_RATE, type StereoPcm } from './pcm.ts'
import { describeRendition } from './rendition.ts'

const CHUNK = 32_768 // samples fed to ffmpeg at a time

export interface Packaging {
  /** The folder all assets live in; the asset becomes a folder of its own there. */
  root: string
  assetId: string
  ffmpeg: string
  signal?: AbortSignal
}

/**
 * Encodes a composed piece into its four qualities with one run of ffmpeg and puts them in place in one step: an asset is there whole or not
 * at all. Answers the asset that is there, also when another process was faster.
 */
export async function packageAudio(pcm: StereoPcm, packaging: Packaging): Promise<AudioAsset> {
  if (!beginsSilent(pcm)) throw new RangeError(`audio must begin with ${AAC_FRAME} samples of silence`)
  const { root, assetId, ffmpeg, signal } = packaging
  const samples = pcm.left.length
  const durationMs = Math.round((samples / SAMPLE_RATE) * 1_000)
  const folder = join(root, `${PARTIAL}${assetId}-${randomBytes(6).toString('hex')}`)
  await mkdir(folder, { recursive: true })
  try {
    const timeoutMs = 30_000 + durationMs / 2
    await runFfmpeg(ffmpeg, composedArgs(folder), {
      timeoutMs,
      input: interleave(pcm),
      ...(signal && { signal }),
    })
    const renditions: Rendition[] = []
    for (const quality of ['LOW', 'NORMAL', 'HIGH', 'LOSSLESS'] as const) {
      const kbps = quality === 'LOSSLESS' ? null : AAC_KBPS[quality]
      renditions.push(await describeRendition({ folder, assetId, quality, kbps, samples, rate: SAMPLE_RATE }))
      await flush(join(folder, fileOf(quality)))
    }
    const asset: AudioAsset = { assetId, durationMs, ...measureLoudness(pcm), renditions }
    await writeFile(join(folder, MANIFEST), `${JSON.stringify(asset, null, 2)}\n`, { flush: true })
    return await publish(folder, root, asset)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function beginsSilent(pcm: StereoPcm): boolean {
  const isSilent = (sample: number): boolean => sample === 0
  return pcm.left.subarray(0, AAC_FRAME).every(isSilent) && pcm.right.subarray(0, AAC_FRAME).every(isSilent)
}

function* interleave(pcm: StereoPcm): Generator<Uint8Array> {
  for (let start = 0; start < pcm.left.length; start += CHUNK) {
    const size = Math.min(CHUNK, pcm.left.length - start)
    const chunk = new Float32Array(size * 2)
    for (let index = 0; index < size; index++) {
      chunk[index * 2] = pcm.left[start + index] as number
      chunk[index * 2 + 1] = pcm.right[start + index] as number
    }
    yield new Uint8Array(chunk.buffer)
  }
}

/** On the disk before the rename is: a folder that has its name has its contents, after a power cut too. */
async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+')
  await file.sync()
  await file.close()
}

async function publish(folder: string, root: string, asset: AudioAsset): Promise<AudioAsset> {
  const target = join(root, asset.assetId)
  try {
    await rename(folder, target)
    return asset
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
  const there = await findAsset(root, asset.assetId)
  if (there !== null) return there
  await rm(target, { recursive: true, force: true }) // a broken one: nobody can have played it
  await rename(folder, target)
  return asset
}
