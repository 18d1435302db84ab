import { describe, expect, test } from 'vitest'
import { compose } from './composition.ts'
import { findFfmpeg } from './ffmpeg.ts'
import { measureLoudness } from './loudness.ts'
import { createPcm, SAMPLE_RATE, type StereoPcm } from './pcm.ts'
import { ebur128 } from './testing/decoding.ts'
import { SCORE } from './testing/listening.ts'

function tone(hz: number, amplitude: number, seconds: number): StereoPcm {
  const pcm = createPcm(seconds * SAMPLE_RATE)
  for (let index = 0; index < pcm.left.length; index++) {
    pcm.left[index] = pcm.right[index] =
      amplitude * Math.sin((2 * Math.PI * hz * index) / SAMPLE_RATE + Math.PI / 4)
  }
  return pcm
}

describe('measureLoudness', () => {
  test('reads a stereo tone of 997 Hz at -18 dBFS as -18 LUFS, the calibration of the standard', () => {
    expect(measureLoudness(tone(997, 10 ** (-18 / 20), 5)).loudnessCentilufs).toBeGreaterThan(-1_810)
    expect(measureLoudness(tone(997, 10 ** (-18 / 20), 5)).loudnessCentilufs).toBeLessThan(-1_790)
  })

  test('finds the peak that lies between samples', () => {
    const quarter = measureLoudness(tone(SAMPLE_RATE / 4, 0.5, 2)) // sampled at 45 degrees: no sample is above 0.354

    expect(quarter.truePeakCentidb).toBeGreaterThan(-640)
    expect(quarter.truePeakCentidb).toBeLessThan(-560)
  })

  test('leaves silence out of the measure', () => {
    const padded = createPcm(20 * SAMPLE_RATE)
    const short = tone(997, 0.1, 5)
    padded.left.set(short.left)
    padded.right.set(short.right)

    expect(
      Math.abs(measureLoudness(padded).loudnessCentilufs - measureLoudness(short).loudnessCentilufs),
    ).toBeLessThan(15)
    expect(measureLoudness(createPcm(SAMPLE_RATE))).toEqual({
      loudnessCentilufs: -7_000,
      truePeakCentidb: -12_000,
    })
  })

  test('agrees with the ebur128 filter of ffmpeg on a composed piece', async () => {
    const pcm = compose(SCORE)
    const ours = measureLoudness(pcm)
    const theirs = await ebur128(await findFfmpeg(), pcm)

    expect(Math.abs(ours.loudnessCentilufs - theirs.lufs * 100)).toBeLessThanOrEqual(10)
    expect(Math.abs(ours.truePeakCentidb - theirs.peakDb * 100)).toBeLessThanOrEqual(20)
  })
})
