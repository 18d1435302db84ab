import { SAMPLE_RATE, type StereoPcm } from './pcm.ts'

/** Integrated loudness (EBU R128) and true peak, in hundredths: -1400 is -14.00 LUFS, -150 is -1.50 dBTP. */
export interface Loudness {
  loudnessCentilufs: number
  truePeakCentidb: number
}

/**
 * How often each loudness of 400 ms was heard above the standard's absolute gate: pairs of tenths of LUFS and blocks. Those of several
 * tracks add up, so that an album is measured without its sound.
 */
export type LoudnessHistogram = readonly (readonly [tenths: number, blocks: number])[]

/** Measures what is pushed, piece by piece, in memory that does not grow with it. */
export interface LoudnessMeter {
  push(left: Float32Array, right: Float32Array): void
  result(): Loudness & { histogram: LoudnessHistogram }
}

const SILENCE = -7_000 // the standard's absolute gate: quieter than this counts as nothing
const QUIETEST_PEAK = 1e-6
const OVERLAPPING = 4 // blocks of 400 ms begin every 100 ms

/** Measures a whole piece after ITU-R BS.1770-4: K-weighting, two gates, and a peak read between the samples. */
export function measureLoudness(pcm: StereoPcm): Loudness {
  const meter = createLoudnessMeter(SAMPLE_RATE)
  meter.push(pcm.left, pcm.right)
  const { loudnessCentilufs, truePeakCentidb } = meter.result()
  return { loudnessCentilufs, truePeakCentidb }
}

export function createLoudnessMeter(rate: number): LoudnessMeter {
  const step = Math.round(rate / 10)
  const weigh = [createWeighting(rate), createWeighting(rate)] as const
  const peaks = [createPeakMeter(), createPeakMeter()] as const
  /** Blocks by hundredths of LUFS: how many, and their power, so that nothing is lost by counting. */
  const blocks = new Map<number, { count: number; power: number }>()
  const recent: number[] = []
  let filled = 0
  let power = 0

  function endStep(): void {
    recent.push(power)
    if (recent.length > OVERLAPPING) recent.shift()
    filled = power = 0
    if (recent.length < OVERLAPPING) return
    const mean = recent.reduce((sum, part) => sum + part, 0) / (OVERLAPPING * step)
    const level = centilufs(mean)
    if (level <= SILENCE) return
    const bin = blocks.get(Math.round(level)) ?? { count: 0, power: 0 }
    blocks.set(Math.round(level), { count: bin.count + 1, power: bin.power + mean })
  }

  return {
    push(left, right) {
      for (let start = 0; start < left.length; ) {
        const end = Math.min(left.length, start + step - filled)
        power += weigh[0](left, start, end) + weigh[1](right, start, end)
        filled += end - start
        start = end
        if (filled === step) endStep()
      }
      peaks[0].push(left)
      peaks[1].push(right)
    },
    result() {
      const peak = Math.max(peaks[0].peak(), peaks[1].peak(), QUIETEST_PEAK)
      const tenths = new Map<number, number>()
      for (const [level, { count }] of blocks) {
        const tenth = Math.round(level / 10)
        tenths.set(tenth, (tenths.get(tenth) ?? 0) + count)
      }
      return {
        loudnessCentilufs: gate([...blocks.values()]),
        truePeakCentidb: Math.round(2_000 * Math.log10(peak)),
        histogram: [...tenths].sort(([one], [other]) => one - other),
      }
    },
  }
}

/** The loudness of several tracks as one, in hundredths of LUFS: louder tracks do not hide that others are meant to be quiet. */
export function loudnessOf(histograms: readonly LoudnessHistogram[]): number {
  return gate(
    histograms
      .flat()
      .map(([tenths, count]) => ({ count, power: count * 10 ** ((tenths / 10 + 0.691) / 10) })),
  )
}

/** The second gate: what is more than 10 LU below the mean of all blocks does not count. */
function gate(bins: readonly { count: number; power: number }[]): number {
  const threshold = centilufs(meanOf(bins)) - 1_000
  const loud = bins.filter(({ count, power }) => centilufs(power / count) > threshold)
  return Math.max(SILENCE, Math.round(centilufs(meanOf(loud))))
}

function meanOf(bins: readonly { count: number; power: number }[]): number {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0)
  return count === 0 ? 0 : bins.reduce((sum, bin) => sum + bin.power, 0) / count
}

function centilufs(power: number): number {
  return power <= 0 ? Number.NEGATIVE_INFINITY : 100 * (-0.691 + 10 * Math.log10(power))
}

/** The two filters of K-weighting (a head's shelf, then a low cut) over one channel; answers the power of what is left of a stretch. */
function createWeighting(rate: number): (samples: Float32Array, from: number, to: number) => number {
  const [s0, s1, s2, s3, s4] = shelf(rate)
  const [c3, c4] = lowCut(rate)
  let x1 = 0
  let x2 = 0
  let y1 = 0
  let y2 = 0
  let z1 = 0
  let z2 = 0
  return (samples, from, to) => {
    let power = 0
    for (let index = from; index < to; index++) {
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
    return power
  }
}

/** +4 dB above 1.7 kHz, as the standard's 48 kHz coefficients, moved to another rate by the bilinear transform. */
function shelf(rate: number): [number, number, number, number, number] {
  const k = Math.tan((Math.PI * 1681.974450955533) / rate)
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
function lowCut(rate: number): [number, number] {
  const k = Math.tan((Math.PI * 38.13547087602444) / rate)
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

/** The highest point between samples at four times the rate; only looked for beside samples that come near the highest so far. */
function createPeakMeter(): { push(samples: Float32Array): void; peak(): number } {
  /** The samples before the piece, so that no peak hides between two pieces. */
  let before: Float32Array = new Float32Array(0)
  let highest = 0
  let peak = 0

  return {
    push(samples) {
      const joined = new Float32Array(before.length + samples.length)
      joined.set(before)
      joined.set(samples, before.length)
      for (let index = 0; index < joined.length; index++)
        highest = Math.max(highest, Math.abs(joined[index] as number))
      const near = highest * 0.7
      for (let index = TAPS; index < joined.length - TAPS; index++) {
        if (Math.abs(joined[index] as number) >= near) peak = Math.max(peak, around(joined, index))
      }
      before = joined.slice(-(2 * TAPS))
    },
    peak: () => Math.max(peak, highest),
  }
}

/** The highest of the points a quarter of a sample apart on both sides of a sample. */
function around(samples: Float32Array, index: number): number {
  let peak = 0
  for (const taps of PHASES) {
    for (const start of [index - TAPS / 2 + 1, index - TAPS / 2]) {
      let sum = 0
      for (let tap = 0; tap < TAPS; tap++) sum += (samples[start + tap] as number) * (taps[tap] as number)
      peak = Math.max(peak, Math.abs(sum))
    }
  }
  return peak
}
