import { z } from 'zod'
import { derivedId } from '#shared/id.ts'
import type { Score } from './score.ts'

/** Raise when the music or the files change: the same track then gets new addresses, so an old address never changes its meaning. */
export const FORMAT_VERSION = 1

/** The qualities a track is offered in, best last. AAC in kbit/s; FLAC takes what it takes. */
export const QUALITIES = ['LOW', 'NORMAL', 'HIGH', 'LOSSLESS'] as const
export type Quality = (typeof QUALITIES)[number]

const whole = z.number().int()

const rendition = z.object({
  quality: z.enum(QUALITIES),
  codec: z.enum(['mp4a.40.2', 'fLaC']),
  bitrateKbps: whole.positive(),
  path: z.string(),
  bytes: whole.positive(),
  initBytes: whole.positive(),
  segments: z
    .array(z.object({ offset: whole.positive(), bytes: whole.positive(), durationMs: z.number().positive() }))
    .min(1),
})

/** What a player cuts off so that the end of one track meets the beginning of the next: the same for every rendition. */
const gapless = z.object({
  sampleRate: whole.positive(),
  /** Samples of the encoder's own before the first one of the recording. */
  delaySamples: whole.nonnegative(),
  /** Samples of the recording; what comes after them is filling. */
  samples: whole.positive(),
})

/**
 * A track's audio: one immutable fragmented MP4 a quality, cut at the same moments, from one quality to all four. Paths are keys of the
 * storage, byte ranges are whole segments, loudness is in hundredths of LUFS and of dBTP.
 */
export const audioAssetSchema = z.object({
  assetId: z.string(),
  durationMs: whole.positive(),
  loudnessCentilufs: whole,
  truePeakCentidb: whole,
  /** Not there for what is composed: its front is cut to fit. */
  gapless: gapless.optional(),
  renditions: z.array(rendition).min(1).max(QUALITIES.length),
})

export type AudioAsset = z.infer<typeof audioAssetSchema>
export type Rendition = AudioAsset['renditions'][number]

/** The id of what a score sounds like: it follows from the score and the format alone. */
export function assetIdOf(score: Score): string {
  const {
    seed,
    durationMs,
    tempo,
    key,
    mode,
    energy,
    valence,
    danceability,
    acousticness,
    instrumentalness,
  } = score
  const features = [tempo, key, mode, energy, valence, danceability, acousticness, instrumentalness]
  return derivedId('audio', JSON.stringify([FORMAT_VERSION, seed, durationMs, ...features]))
}

/** The file name of a quality inside an asset's folder. */
export function fileOf(quality: Quality): string {
  return `${quality.toLowerCase()}.mp4`
}
