import { describe, expect, test } from 'vitest'
import { compose, LEAD_SILENCE } from './composition.ts'
import type { StereoPcm } from './pcm.ts'
import type { Score } from './score.ts'
import { chroma, level, pulse, SCORE } from './testing/listening.ts'

const CALM: Partial<Score> = { energy: 0.1, danceability: 0.2, acousticness: 0.8, tempo: 72 }
const STEPS = { 1: [0, 2, 4, 5, 7, 9, 11], 0: [0, 2, 3, 5, 7, 8, 10] } as const

function peak({ left, right }: StereoPcm): number {
  let highest = 0
  for (const side of [left, right]) for (const sample of side) highest = Math.max(highest, Math.abs(sample))
  return highest
}

/** Twelve pieces that have nothing in common but their rules. */
function variety(): Score[] {
  return Array.from({ length: 9 }, (_, index) => ({
    ...SCORE,
    seed: `track_${index}`,
    durationMs: 5_000 + index * 137,
    tempo: 48 + index * 17,
    key: index,
    mode: index % 2 === 0 ? 1 : 0,
    energy: index / 8,
    valence: ((index * 5) % 9) / 8,
    danceability: ((index * 7) % 9) / 8,
    acousticness: 1 - index / 8,
    instrumentalness: ((index * 3) % 9) / 8,
  }))
}

describe('compose', () => {
  test('gives the same samples for the same score, and others for another track', () => {
    const once = compose(SCORE)
    const again = compose({ ...SCORE })
    const other = compose({ ...SCORE, seed: 'track_other' })

    expect(Buffer.from(once.left.buffer).equals(Buffer.from(again.left.buffer))).toBe(true)
    expect(
      level(
        once.left.map((sample, index) => sample - (other.left[index] ?? 0)),
        0,
        once.left.length,
      ),
    ).toBeGreaterThan(0.03)
  })

  test('lasts exactly as long as the track, whatever its tempo', () => {
    for (const score of variety())
      expect(compose(score).left.length).toBe(Math.round(score.durationMs * 44.1))
  })

  test('never clips, never leaves the numbers, never sits off centre, and is always heard', () => {
    for (const score of variety()) {
      const pcm = compose(score)
      const mean = pcm.left.reduce((sum, sample) => sum + sample, 0) / pcm.left.length

      expect(pcm.left.every(Number.isFinite) && pcm.right.every(Number.isFinite)).toBe(true)
      expect(peak(pcm)).toBeLessThanOrEqual(10 ** (-1 / 20))
      expect(Math.abs(mean)).toBeLessThan(1e-3)
      for (let from = 22_050; from + 44_100 < pcm.left.length - 88_200; from += 44_100) {
        expect(level(pcm.left, from, from + 44_100)).toBeGreaterThan(0.005)
      }
    }
  })

  test('begins in silence, ends in silence, and no sample jumps away from its neighbours', () => {
    for (const score of [SCORE, { ...SCORE, ...CALM }]) {
      const { left, right } = compose(score)
      let jump = 0
      for (let index = 1; index < left.length; index++)
        jump = Math.max(jump, Math.abs((left[index] ?? 0) - (left[index - 1] ?? 0)))

      expect(left.subarray(0, LEAD_SILENCE).every((sample) => sample === 0)).toBe(true)
      expect(right.subarray(0, LEAD_SILENCE).every((sample) => sample === 0)).toBe(true)
      expect(level(left, left.length - 441, left.length)).toBeLessThan(1e-4)
      expect(jump).toBeLessThan(0.5)
    }
  })

  test.each([88, 104, 128, 152])('pulses at %i beats a minute, and at no tempo beside it', (tempo) => {
    const pcm = compose({ ...SCORE, durationMs: 12_000, tempo })
    const wanted = pulse(pcm, tempo)

    for (const off of [0.89, 0.94, 1.06, 1.12]) expect(pulse(pcm, tempo * off)).toBeLessThan(wanted * 0.9)
  })

  test.each([
    [0, 1],
    [6, 1],
    [4, 0],
    [11, 0],
  ] as const)('is in key %i, mode %i: its scale holds more of the sound than any other', (key, mode) => {
    const classes = chroma(compose({ ...SCORE, ...CALM, key, mode }))
    const inScale = (tonic: number): number =>
      STEPS[mode].reduce<number>((sum, step) => sum + (classes[(tonic + step) % 12] ?? 0), 0)

    expect(inScale(key)).toBeGreaterThan(0.97)
    for (let other = 1; other < 12; other++) expect(inScale(key + other)).toBeLessThan(inScale(key) + 0.01)
    expect(inScale(key + 6)).toBeLessThan(0.8)
  })

  test('an energetic track is louder and has more attack than a calm one', () => {
    const lively = compose({ ...SCORE, energy: 0.95 })
    const calm = compose({ ...SCORE, ...CALM })

    expect(level(lively.left, 44_100, 250_000)).toBeGreaterThan(level(calm.left, 44_100, 250_000) * 1.2)
    expect(pulse(lively, 120)).toBeGreaterThan(pulse(calm, 120))
  })

  test('a song has a quiet beginning, a full middle and a quiet end', () => {
    const pcm = compose({ ...SCORE, durationMs: 45_000 })
    const at = (seconds: number): number => level(pcm.left, seconds * 44_100, (seconds + 2) * 44_100)

    expect(at(24)).toBeGreaterThan(at(0.5) * 1.3)
    expect(at(24)).toBeGreaterThan(at(42.5) * 2)
  })
})
