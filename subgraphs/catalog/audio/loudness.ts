import { SAMPLE_RATE, type StereoPcm } from './pcm.ts'

/** Integrated loudness (EBU R128) and true peak, in hundredths: -1400 is -14.00 LUFS, -150 is -1.50 dBTP. */
export interface Loudness {
  loudnessCentilufs: number
  truePeakCentidb: number
}

const SILENCE = -7_000 // the standard's absolute gate: quieter than this counts as nothing
const STEP = SAMPLE_RATE / 10 // blocks of 400 ms that overlap by three quarters

/** Measures a whole piece after ITU-R BS.1770-4: K-weighting, two gates, and a peak read between the samples. */
export function measureLoudness(pcm: StereoPcm): Loudness {
  const steps = new Float64Array(Math.floor(pcm.left.length / STEP))
  addWeightedPower(pcm.left, steps)
  addWeightedPower(pcm.right, steps)

  const blocks: number[] = []
  for (let step = 0; step + 3 < steps.length; step++) {
    let power = 0
    for (let part = 0; part < 4; part++) power += steps[step + part] as number
    blocks.push(power / (4 * STEP))
  }
  const audible = blocks.filter((power) => centilufs(power) > SILENCE)
  const gate = centilufs(mean(audible)) - 1_000
  const integrated = centilufs(mean(audible.filter((power) => centilufs(power) > gate)))
  const peak = Math.max(truePeak(pcm.left), truePeak(pcm.right))
  return {
    loudnessCentilufs: Math.max(SILENCE, Math.round(integrated)),
    truePeakCentidb: Math.max(-12_000, Math.round(2_000 * Math.log10(Math.max(peak, 1e-6)))),
  }
}

function centilufs(power: number): number {
  return power <= 0 ? Number.NEGATIVE_INFINITY : 100 * (-0.691 + 10 * Math.log10(power))
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The two filters of K-weighting (a head's shelf, then a low cut), and the power of what is left, step by step. */
function addWeightedPower(samples: Float32Array, steps: Float64Array): void {
  const [s0, s1, s2, s3, s4] = shelf()
  const [c3, c4] = lowCut()
  let x1 = 0
  let x2 = 0
  let y1 = 0
  let y2 = 0
  let z1 = 0
  let z2 = 0
  for (let step = 0; step < steps.length; step++) {
    let power = 0
    for (let index = step * STEP, end = index + STEP; index < end; index++) {
      const x = samples[index] as number
      const y = s0 * x + s1 * x1 + s2 * x2 - s3 * y1 - s4 * y2
      const z = y - 2 * y1 + y2 - c3 * z1 - c4 * z2
      x2 = x1
      x1 = x
      y2 = y1
      y1 = y
      z2 = z1
      z1 = z
      power += z * z
    }
    steps[step] = (steps[step] as number) + power
  }
}

/** +4 dB above 1.7 kHz, as the standard's 48 kHz coefficients, moved to our rate by the bilinear transform. */
function shelf(): [number, number, number, number, number] {
  const k = Math.tan((Math.PI * 1681.974450955533) / SAMPLE_RATE)
  const quality = 0.7071752369554196
  const high = 10 ** (3.999843853973347 / 20)
  const band = high ** 0.4996667741545416
  const norm = 1 + k / quality + k * k
  return [
    (high + (band * k) / quality + k * k) / norm,
    (2 * (k * k - high)) / norm,
    (high - (band * k) / quality + k * k) / norm,
    (2 * (k * k - 1)) / norm,
    (1 - k / quality + k * k) / norm,
  ]
}

/** Below 38 Hz nobody hears loudness. */
function lowCut(): [number, number] {
  const k = Math.tan((Math.PI * 38.13547087602444) / SAMPLE_RATE)
  const quality = 0.5003270373238773
  const norm = 1 + k / quality + k * k
  return [(2 * (k * k - 1)) / norm, (1 - k / quality + k * k) / norm]
}

const TAPS = 12
const PHASES = [1, 2, 3].map((phase) => windowedSinc(phase / 4))

function windowedSinc(offset: number): Float64Array {
  const taps = new Float64Array(TAPS)
  for (let tap = 0; tap < TAPS; tap++) {
    const x = tap - TAPS / 2 + 1 - offset
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / (TAPS / 2 + 0.5))
    taps[tap] = (Math.sin(Math.PI * x) / (Math.PI * x)) * window
  }
  const sum = taps.reduce((total, value) => total + value, 0)
  return taps.map((value) => value / sum)
}

/** The highest point between samples at four times the rate; only looked for beside samples that come near the top. */
function truePeak(samples: Float32Array): number {
  let peak = 0
  for (let index = 0; index < samples.length; index++) {
    const value = Math.abs(samples[index] as number)
    if (value > peak) peak = value
  }
  const near = peak * 0.7
  for (let index = TAPS; index < samples.length - TAPS; index++) {
    if (Math.abs(samples[index] as number) < near) continue
    for (const taps of PHASES) {
      for (const start of [index - TAPS / 2 + 1, index - TAPS / 2]) {
        let sum = 0
        for (let tap = 0; tap < TAPS; tap++) sum += (samples[start + tap] as number) * (taps[tap] as number)
        peak = Math.max(peak, Math.abs(sum))
      }
    }
  }
  return peak
}
