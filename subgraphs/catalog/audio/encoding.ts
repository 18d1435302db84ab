import { join } from 'node:path'
import { fileOf, type Quality } from './asset.ts'
import { SAMPLE_RATE } from './pcm.ts'

/** Samples in one AAC frame, and in the delay an encoder begins with. */
export const AAC_FRAME = 1_024
const FLAC_FRAME = 4_096 // four AAC frames, so that every cut of one is a cut of the other
const SEGMENT = 108 * FLAC_FRAME // samples: 10.03 s

export const AAC_KBPS = { LOW: 96, NORMAL: 160, HIGH: 320 } as const

/**
 * Every AAC encoder delays by one frame. Since a piece begins with silence, that frame is taken off its front: what the decoder then adds is
 * the silence again, and all qualities line up to the sample without an edit list, which players read differently.
 */
export function encoderArgs(folder: string): string[] {
  const aac = Object.entries(AAC_KBPS)
  const split = `[0:a]asplit=${aac.length + 1}${aac.map(([quality]) => `[raw${quality}]`).join('')}[LOSSLESS]`
  const trims = aac.map(
    ([quality]) => `[raw${quality}]atrim=start_sample=${AAC_FRAME},asetpts=PTS-STARTPTS[${quality}]`,
  )
  const container = [
    ...['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:a', '+bitexact', '-strict', '-2'],
    ...['-movflags', '+empty_moov+default_base_moof+skip_trailer'],
    ...['-frag_duration', String(Math.floor((SEGMENT * 1_000_000) / SAMPLE_RATE))],
  ]
  const outputs = aac.flatMap(([quality, kbps]) => [
    ...['-map', `[${quality}]`, '-c:a', 'aac', '-aac_coder', 'fast', '-b:a', `${kbps}k`],
    ...[...container, join(folder, fileOf(quality as Quality))],
  ])
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'error', '-y'],
    ...['-f', 'f32le', '-ar', String(SAMPLE_RATE), '-ac', '2', '-i', 'pipe:0'],
    ...['-filter_complex', [split, ...trims].join(';')],
    ...outputs,
    ...['-map', '[LOSSLESS]', '-c:a', 'flac', '-frame_size', String(FLAC_FRAME), '-sample_fmt', 's16'],
    ...[...container, join(folder, fileOf('LOSSLESS'))],
  ]
}
