import { SAMPLE_RATE, type StereoPcm } from '../pcm.ts'
import type { Score } from '../score.ts'

/** A lively minute-track in short: what tests vary. */
export const SCORE: Score = {
  seed: 'track_listening',
  durationMs: 8_000,
  tempo: 120,
  key: 9,
  mode: 0,
  energy: 0.7,
  valence: 0.6,
  danceability: 0.7,
  acousticness: 0.2,
  instrumentalness: 0.3,
}

const HOP = 441 // 10 ms

/**
 * How strongly a piece pulses at a tempo: the autocorrelation of its onsets (rises of energy from one 10 ms to the next) one beat apart,
 * as a share of their energy.
 */
export function pulse(pcm: StereoPcm, tempo: number): number {
  const onsets = onsetsOf(pcm)
  const lag = (60 / tempo) * (SAMPLE_RATE / HOP)
  let together = 0
  let alone = 0
  for (let index = 0; index + lag + 1 < onsets.length; index++) {
    const later = Math.round(index + lag)
    const heard = Math.max(onsets[later - 1] ?? 0, onsets[later] ?? 0, onsets[later + 1] ?? 0)
    together += (onsets[index] ?? 0) * heard
    alone += (onsets[index] ?? 0) ** 2
  }
  return together / alone
}

function onsetsOf({ left, right }: StereoPcm): number[] {
  const levels: number[] = []
  for (let start = 0; start + HOP <= left.length; start += HOP) {
    let power = 0
    for (let index = start; index < start + HOP; index++)
      power += ((left[index] ?? 0) + (right[index] ?? 0)) ** 2
    levels.push(Math.log10(1e-5 + power / HOP))
  }
  return levels.map((level, index) => Math.max(0, level - (levels[index - 1] ?? level)))
}

/** The share of a piece's energy in each of the twelve pitch classes, C first, over the octaves from C3 to B5 (Goertzel's filter). */
export function chroma(pcm: StereoPcm): number[] {
  const classes = new Array<number>(12).fill(0)
  const size = 8_192
  for (let pitch = 48; pitch < 84; pitch++) {
    const turn = (2 * Math.PI * 440 * 2 ** ((pitch - 69) / 12)) / SAMPLE_RATE
    const twice = 2 * Math.cos(turn)
    for (let start = 0; start + size <= pcm.left.length; start += size) {
      let one = 0
      let two = 0
      for (let index = 0; index < size; index++) {
        const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / size)
        const now =
          ((pcm.left[start + index] ?? 0) + (pcm.right[start + index] ?? 0)) * window + twice * one - two
        two = one
        one = now
      }
      classes[pitch % 12] = (classes[pitch % 12] ?? 0) + one * one + two * two - twice * one * two
    }
  }
  const total = classes.reduce((sum, power) => sum + power, 0)
  return classes.map((power) => power / total)
}

/** Root mean square of one channel over a stretch. */
export function level(samples: Float32Array, from: number, to: number): number {
  let power = 0
  for (let index = from; index < to; index++) power += (samples[index] ?? 0) ** 2
  return Math.sqrt(power / (to - from))
}
