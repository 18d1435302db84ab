import type { Features } from '../models.ts'
import type { AudioAsset, Rendition } from './asset.ts'
import { AudioError } from './audio-error.ts'
import { AAC_FRAME, outputArgs } from './encoding.ts'
import { createFeatureEstimator, type FeatureEstimator } from './features/estimator.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { type Ladder, ladderOf } from './ladder.ts'
import { createLoudnessMeter, type LoudnessHistogram, type LoudnessMeter } from './loudness.ts'
import { inputArgs, type OriginalFormat } from './probing.ts'
import { describeRendition } from './rendition.ts'
import type { Demuxer } from './sniffing.ts'

/** What was heard while a recording was transcoded. */
export interface Analysis {
  features: Features
  histogram: LoudnessHistogram
}

export interface Transcoding {
  ffmpeg: string
  /** The original, by a name that nobody chose but us. */
  path: string
  demuxer: Demuxer
  format: OriginalFormat
  assetId: string
  /** Where the renditions are written. */
  folder: string
  /** The share that is done, 0 to 1, now and then. */
  onProgress(share: number): void
  signal?: AbortSignal | undefined
  /** Of a recording; twelve hours unless told otherwise. */
  longestMs?: number | undefined
}

const LONGEST_MS = 12 * 3_600_000
const SILENCE_MS = 120_000
const TIMEOUT_MS = 12 * 3_600_000
/** What an original may lack of the length it promises: a second, and what encoders round. */
const [MISSING_MS, MISSING_SHARE] = [1_000, 0.02]

/**
 * Encodes an original into the rungs of its ladder and listens to it, with one run of ffmpeg and in memory that does not grow with the
 * length. TRUNCATED when it ends before it says, TOO_LONG, NO_ROOM, or FFMPEG_FAILED with its own words.
 */
export async function transcode(transcoding: Transcoding): Promise<{ asset: AudioAsset } & Analysis> {
  const { ffmpeg, path, demuxer, format, assetId, folder, onProgress, signal } = transcoding
  const { longestMs = LONGEST_MS } = transcoding
  if ((format.durationMs ?? 0) > longestMs) throw tooLong(longestMs)
  const ladder = ladderOf(format)
  const ear = createEar(ladder, { durationMs: format.durationMs, longestMs }, onProgress)
  await runFfmpeg(
    ffmpeg,
    [
      ...['-hide_banner', '-nostats', '-loglevel', 'error', '-y', ...inputArgs(path, demuxer)],
      ...['-filter_complex', filters(ladder)],
      ...ladder.rungs.flatMap((rung) => outputArgs(rung, rung.quality, { folder, rate: ladder.rate })),
      ...['-map', '[PCM]', '-f', 'f32le', 'pipe:1'],
    ],
    { timeoutMs: TIMEOUT_MS, silenceMs: SILENCE_MS, onOutput: ear.push, ...(signal && { signal }) },
  ).catch((error: unknown) => {
    if (error instanceof AudioError && /No space left|Disk quota/i.test(error.message))
      throw new AudioError('NO_ROOM', 'There is no room left on the disk.')
    throw error
  })

  const { samples } = ear
  const durationMs = Math.round((samples() * 1_000) / ladder.rate)
  if (durationMs === 0) throw new AudioError('NOT_AUDIO', 'There is no sound in it.')
  const missing = (format.durationMs ?? 0) - durationMs
  if (missing > MISSING_MS && missing > MISSING_SHARE * (format.durationMs ?? 0))
    throw new AudioError(
      'TRUNCATED',
      `It ends after ${seconds(durationMs)} of ${seconds(format.durationMs ?? 0)}.`,
    )

  const { histogram, ...loudness } = ear.meter.result()
  const renditions: Rendition[] = []
  for (const rung of ladder.rungs) {
    const kbps = rung.quality === 'LOSSLESS' ? null : rung.kbps
    const encoded = { folder, assetId, quality: rung.quality, kbps, rate: ladder.rate }
    renditions.push(await describeRendition({ ...encoded, samples: samples() + AAC_FRAME }))
  }
  return {
    asset: {
      assetId,
      durationMs,
      ...loudness,
      gapless: { sampleRate: ladder.rate, delaySamples: AAC_FRAME, samples: samples() },
      renditions,
    },
    features: ear.estimator.estimate(loudness.loudnessCentilufs / 100),
    histogram,
  }
}

/**
 * One decoded stream, split: as floats for the AAC rungs and for us, as it is for FLAC. AAC encoders delay by one frame; FLAC is delayed as
 * much, so that all qualities line up to the sample and one number tells a player what to cut off.
 */
function filters({ rate, channels, rungs }: Ladder): string {
  const aac = rungs.filter(({ quality }) => quality !== 'LOSSLESS')
  const lossless = rungs.find((rung) => rung.quality === 'LOSSLESS')
  const layout = channels === 1 ? 'mono' : 'stereo'
  const pads = ['PCM', ...aac.map(({ quality }) => quality)].map((label) => `[${label}]`).join('')
  const lossy = `aresample=${rate},aformat=sample_fmts=flt:channel_layouts=${layout},asplit=${aac.length + 1}${pads}`
  if (lossless?.quality !== 'LOSSLESS') return `[0:a:0]${lossy}`
  const delay = Array(lossless.channels)
    .fill(`${AAC_FRAME * lossless.rateFactor}S`)
    .join('|')
  const sampleFormat = lossless.bits === 16 ? 's16' : 's32'
  return `[0:a:0]asplit=2[one][other];[one]${lossy};[other]aformat=sample_fmts=${sampleFormat},adelay=${delay}[LOSSLESS]`
}

interface Ear {
  push(chunk: Buffer): void
  samples(): number
  meter: LoudnessMeter
  estimator: FeatureEstimator
}

/** Listens to interleaved floats as they come. One channel is heard from two speakers, and so measured as two. */
function createEar(
  { rate, channels }: Ladder,
  { durationMs, longestMs }: { durationMs: number | null; longestMs: number },
  onProgress: (share: number) => void,
): Ear {
  const meter = createLoudnessMeter(rate)
  const estimator = createFeatureEstimator(rate)
  const width = 4 * channels
  let rest: Buffer = Buffer.alloc(0)
  let samples = 0

  return {
    meter,
    estimator,
    samples: () => samples,
    push(chunk) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const count = Math.floor(bytes.length / width)
      rest = Buffer.from(bytes.subarray(count * width))
      const left = new Float32Array(count)
      const right = channels === 1 ? left : new Float32Array(count)
      for (let index = 0; index < count; index++) {
        left[index] = bytes.readFloatLE(index * width)
        if (channels === 2) right[index] = bytes.readFloatLE(index * width + 4)
      }
      meter.push(left, right)
      estimator.push(left, right)
      samples += count
      if (samples * 1_000 > longestMs * rate) throw tooLong(longestMs)
      if (durationMs !== null) onProgress(Math.min(0.99, (samples * 1_000) / rate / durationMs))
    },
  }
}

function tooLong(longestMs: number): AudioError {
  return new AudioError('TOO_LONG', `It is longer than ${longestMs / 3_600_000} hours.`)
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`
}
