import { measureLoudness } from '../loudness.ts'
import { SAMPLE_RATE, type StereoPcm, samplesIn } from '../pcm.ts'

/** Highest sample that leaves here: -1.9 dBFS, so that what lies between samples, and a lossy codec's error, still fit. */
const CEILING = 0.8
const BLOCK = 64

/** How a finished mix should sound: its loudness, how far its highs are lifted (1 is 6 dB), and its last seconds of fading out. */
export interface Master {
  lufs: number
  presence: number
  fade: number
}

/** Finishes a mix in place: balance, fade, loudness, and no peak above the ceiling. */
export function master(mix: StereoPcm, sound: Master): void {
  balance(mix.left, sound.presence)
  balance(mix.right, sound.presence)
  fadeOut(mix, samplesIn(sound.fade))
  const { loudnessCentilufs } = measureLoudness(mix)
  limit(mix, 10 ** ((sound.lufs - loudnessCentilufs / 100) / 20))
}

/** Takes out what is under 28 Hz, the constant offset first of all, and lifts what is above 1.2 kHz by a few decibels. */
function balance(samples: Float32Array, presence: number): void {
  const keep = Math.exp((-2 * Math.PI * 28) / SAMPLE_RATE)
  const follow = 1 - Math.exp((-2 * Math.PI * 1_200) / SAMPLE_RATE)
  let before = 0
  let out = 0
  let low = 0
  for (let index = 0; index < samples.length; index++) {
    const value = samples[index] as number
    out = keep * (out + value - before)
    before = value
    low += (out - low) * follow
    samples[index] = out + (out - low) * presence
  }
}

function fadeOut(mix: StereoPcm, length: number): void {
  const total = mix.left.length
  const start = Math.max(0, total - length)
  for (let index = start; index < total; index++) {
    const left = (total - 1 - index) / length
    const gain = left * left * (3 - 2 * left)
    mix.left[index] = (mix.left[index] as number) * gain
    mix.right[index] = (mix.right[index] as number) * gain
  }
}

/**
 * Gain with a limiter that sees ahead: each block of 64 samples may be as loud as its own and its neighbours' peaks allow, and the gain
 * moves in straight lines between blocks, so it is never above what any sample needs.
 */
function limit(mix: StereoPcm, gain: number): void {
  const { left, right } = mix
  const count = Math.ceil(left.length / BLOCK)
  const allowed = new Float32Array(count + 2).fill(gain)
  for (let block = 0; block < count; block++) {
    let peak = 0
    const end = Math.min(left.length, (block + 1) * BLOCK)
    for (let index = block * BLOCK; index < end; index++) {
      peak = Math.max(peak, Math.abs(left[index] as number), Math.abs(right[index] as number))
    }
    if (peak * gain > CEILING) allowed[block] = CEILING / peak
  }
  const points = smoothGain(allowed, gain)
  for (let block = 0; block < count; block++) {
    let level = points[block] as number
    const step = ((points[block + 1] as number) - level) / BLOCK
    const end = Math.min(left.length, (block + 1) * BLOCK)
    for (let index = block * BLOCK; index < end; index++) {
      left[index] = (left[index] as number) * level
      right[index] = (right[index] as number) * level
      level += step
    }
  }
}

/** Gain at every block's edge: never above either neighbour's, falling within 5 ms and rising within a fifth of a second. */
function smoothGain(allowed: Float32Array, gain: number): Float32Array {
  const points = new Float32Array(allowed.length)
  points[0] = allowed[0] as number
  for (let edge = 1; edge < points.length; edge++) {
    points[edge] = Math.min(allowed[edge - 1] as number, allowed[edge] as number)
  }
  const rise = 1 - Math.exp(-BLOCK / (0.08 * SAMPLE_RATE))
  for (let edge = 1; edge < points.length; edge++) {
    const before = points[edge - 1] as number
    points[edge] = Math.min(points[edge] as number, before + (gain - before) * rise)
  }
  const fall = 1.06 // about half a decibel a block
  for (let edge = points.length - 2; edge >= 0; edge--) {
    points[edge] = Math.min(points[edge] as number, (points[edge + 1] as number) * fall)
  }
  return points
}
