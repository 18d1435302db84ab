import { join } from 'node:path'
import { fileOf, type Quality } from './asset.ts'
import { SAMPLE_RATE } from './pcm.ts'

/** Samples in one AAC frame, and in the delay an encoder begins with. */
export const AAC_FRAME = 1_024
const FLAC_FRAME = 4_096 // four AAC frames, so that every cut of one is a cut of the other
const SEGMENT_S = 10

export const AAC_KBPS = { LOW: 96, NORMAL: 160, HIGH: 320 } as const

/** One quality of the ladder as it is to be encoded. FLAC may have a multiple of the others' sample rate. */
export type Rung =
  | { quality: Exclude<Quality, 'LOSSLESS'>; kbps: number }
  | { quality: 'LOSSLESS'; rateFactor: number; bits: 16 | 24; channels: number }

/** What all files of a recording have in common. */
interface Container {
  folder: string
  /** Samples a second of the AAC renditions. */
  rate: number
}

/** The length of a segment in samples: whole frames of every codec, and about ten seconds. */
export function segmentSamples(rate: number): number {
  return Math.round((SEGMENT_S * rate) / FLAC_FRAME) * FLAC_FRAME
}

/** The arguments that write one rung from a labelled pad of the filter graph into a fragmented MP4. */
export function outputArgs(rung: Rung, label: string, { folder, rate }: Container): string[] {
  const codec =
    rung.quality === 'LOSSLESS'
      ? [
          ...['-c:a', 'flac', '-frame_size', String(FLAC_FRAME * rung.rateFactor)],
          ...(rung.bits === 16
            ? ['-sample_fmt', 's16']
            : ['-sample_fmt', 's32', '-bits_per_raw_sample', '24']),
        ]
      : ['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', `${rung.kbps}k`]
  return [
    ...['-map', `[${label}]`, ...codec],
    ...['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:a', '+bitexact', '-strict', '-2'],
    ...['-movflags', '+empty_moov+default_base_moof+skip_trailer'],
    ...['-frag_duration', String(Math.floor((segmentSamples(rate) * 1_000_000) / rate))],
    join(folder, fileOf(rung.quality)),
  ]
}

const COMPOSED: readonly Rung[] = [
  ...Object.entries(AAC_KBPS).map(([quality, kbps]) => ({ quality: quality as 'LOW', kbps })),
  { quality: 'LOSSLESS', rateFactor: 1, bits: 16, channels: 2 },
]

/**
 * Every AAC encoder delays by one frame. Since a composed piece begins with silence, that frame is taken off its front: what the decoder then
 * adds is the silence again, and all qualities line up to the sample without an edit list, which players read differently.
 */
export function composedArgs(folder: string): string[] {
  const split = `[0:a]asplit=${COMPOSED.length}${COMPOSED.map(({ quality }) => (quality === 'LOSSLESS' ? '[LOSSLESS]' : `[raw${quality}]`)).join('')}`
  const trims = COMPOSED.filter(({ quality }) => quality !== 'LOSSLESS').map(
    ({ quality }) => `[raw${quality}]atrim=start_sample=${AAC_FRAME},asetpts=PTS-STARTPTS[${quality}]`,
  )
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'error', '-y'],
    ...['-f', 'f32le', '-ar', String(SAMPLE_RATE), '-ac', '2', '-i', 'pipe:0'],
    ...['-filter_complex', [split, ...trims].join(';')],
    ...COMPOSED.flatMap((rung) => outputArgs(rung, rung.quality, { folder, rate: SAMPLE_RATE })),
  ]
}
