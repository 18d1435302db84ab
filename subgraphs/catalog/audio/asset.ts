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

/**
 * A track's audio on disk: one immutable fragmented MP4 a quality, cut at the same moments. Paths are relative to the audio root, byte ranges
 * are whole segments, loudness is in hundredths of LUFS and of dBTP.
 */
export const audioAssetSchema = z.object({
  assetId: z.string(),
  durationMs: whole.positive(),
  loudnessCentilufs: whole,
  truePeakCentidb: whole,
  renditions: z.array(rendition).length(QUALITIES.length),
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
