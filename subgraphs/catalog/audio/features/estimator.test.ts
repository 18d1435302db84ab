import { describe, expect, test } from 'vitest'
import { compose } from '../composition.ts'
import { createPcm, SAMPLE_RATE, type StereoPcm } from '../pcm.ts'
import { SCORE } from '../testing/listening.ts'
import { createFeatureEstimator, withTagged } from './estimator.ts'
import { findKey, parseKey } from './key.ts'

const LUFS = -14

function listen(pcm: StereoPcm, chunk = 10_000) {
  const estimator = createFeatureEstimator(SAMPLE_RATE)
  for (let start = 0; start < pcm.left.length; start += chunk)
    estimator.push(pcm.left.subarray(start, start + chunk), pcm.right.subarray(start, start + chunk))
  return estimator.estimate(LUFS)
}

/** A click of a few milliseconds on each beat over a quiet chord. */
function clicks(tempo: number, notes: readonly number[]): StereoPcm {
  const pcm = createPcm(10 * SAMPLE_RATE)
  const beat = Math.round((60 / tempo) * SAMPLE_RATE)
  for (let index = 0; index < pcm.left.length; index++) {
    const since = index % beat
    const click = since < 400 ? 0.6 * Math.sin(index * 0.9) * Math.exp(-since / 80) : 0
    const chord = notes.reduce(
      (sum, note) =>
        sum + 0.05 * Math.sin((2 * Math.PI * 440 * 2 ** ((note - 69) / 12) * index) / SAMPLE_RATE),
      0,
    )
    pcm.left[index] = pcm.right[index] = click + chord
  }
  return pcm
}

describe('features of a signal', () => {
  test.each([72, 90, 104, 120, 133, 150])(
    'a metronome at %i is heard at that tempo or twice or half of it',
    (tempo) => {
      const heard = listen(clicks(tempo, [60, 64, 67])).tempo

      const octaves = Math.log2(heard / tempo)
      expect(Math.abs(octaves - Math.round(octaves))).toBeLessThan(0.02)
      expect(Math.abs(octaves)).toBeLessThan(1.1)
    },
  )

  test('tempo and key of composed pieces are those of their scores, give or take a relative', () => {
    const scores = (
      [
        { ...SCORE, tempo: 96, key: 0, mode: 1, seed: 'a' },
        { ...SCORE, tempo: 110, key: 7, mode: 1, seed: 'b' },
        { ...SCORE, tempo: 124, key: 9, mode: 0, seed: 'c' },
        { ...SCORE, tempo: 128, key: 2, mode: 0, seed: 'd' },
        { ...SCORE, tempo: 140, key: 5, mode: 1, seed: 'e' },
      ] as const
    ).map((score) => ({ ...score, durationMs: 16_000 }))
    const heard = scores.map((score) => ({ score, features: listen(compose(score)) }))

    const isTempo = heard.filter(({ score, features }) => {
      const octaves = Math.log2(features.tempo / score.tempo)
      return Math.abs(octaves - Math.round(octaves)) < 0.03
    })
    const isKey = heard.filter(({ score, features }) => {
      const notesOf = ({ key, mode }: { key: number; mode: number }): number =>
        mode === 1 ? key : (key + 3) % 12
      return notesOf(features) === notesOf(score)
    })
    expect(isTempo.length).toBeGreaterThanOrEqual(4)
    expect(isKey.length).toBeGreaterThanOrEqual(4)
  })

  test('what is louder and busier has more energy, and every feature is within its bounds', () => {
    const lively = listen(compose({ ...SCORE, durationMs: 10_000, energy: 0.95, tempo: 140 }))
    const calm = listen(compose({ ...SCORE, durationMs: 10_000, energy: 0.05, tempo: 70 }))

    expect(lively.energy).toBeGreaterThan(calm.energy)
    for (const features of [lively, calm, listen(createPcm(SAMPLE_RATE)), listen(createPcm(10))]) {
      for (const [name, value] of Object.entries(features)) {
        expect(Number.isFinite(value)).toBe(true)
        if (!['tempo', 'key', 'loudness'].includes(name))
          expect(Math.abs(value - 0.5)).toBeLessThanOrEqual(0.5)
      }
    }
  })

  test('how the signal is cut changes nothing', () => {
    const pcm = clicks(117, [62, 65, 69])

    expect(listen(pcm, 777)).toEqual(listen(pcm, 100_000))
  })

  test('what tags say of tempo and key goes before what is heard', () => {
    const heard = listen(clicks(120, [60, 64, 67]))

    expect(withTagged(heard, { bpm: 87, key: 'Ebm' })).toEqual({ ...heard, tempo: 87, key: 3, mode: 0 })
    expect(withTagged(heard, { bpm: null, key: 'loud' })).toEqual(heard)
  })

  test('keys are read as tags have them', () => {
    expect(['C', 'Am', 'F#', 'Bb minor', 'H moll', 'g♯m'].map(parseKey)).toEqual([
      { key: 0, mode: 1 },
      { key: 9, mode: 0 },
      { key: 6, mode: 1 },
      { key: 10, mode: 0 },
      { key: 11, mode: 0 },
      { key: 8, mode: 0 },
    ])
    expect(['', 'X', '12A', 'Amm'].map(parseKey)).toEqual([null, null, null, null])
  })

  test('a scale is heard in its own key', () => {
    const minorOnD = [2, 4, 5, 7, 9, 10, 0]
    const chroma: number[] = Array.from({ length: 12 }, (_, pitch) => (minorOnD.includes(pitch) ? 1 : 0))
    chroma[2] = 3
    chroma[9] = 2
    chroma[5] = 2

    expect(findKey(chroma)).toEqual({ key: 2, mode: 0 })
  })
})
