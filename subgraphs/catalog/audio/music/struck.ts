import { SAMPLE_RATE, type StereoPcm, samplesIn } from '../pcm.ts'
import { createRandom } from './random.ts'
import { hertz } from './scale.ts'
import { CYCLE, SINE } from './wavetable.ts'

/** A plucked string: a burst of noise going round a damped delay line (Karplus and Strong, 1983), one second and a half. */
export function renderString(pitch: number): StereoPcm {
  const hz = hertz(pitch)
  const total = samplesIn(1.7)
  const line = SAMPLE_RATE / hz - 0.5 // the two-point average below delays by half a sample
  const whole = Math.floor(line)
  const part = line - whole
  const out = new Float32Array(total + whole + 2)
  excite(out, whole, pitch)

  const loss = 10 ** (-3 / (hz * (2.6 - Math.min(1.4, hz / 500))))
  for (let index = whole + 2; index < out.length; index++) {
    const near = ((out[index - whole] as number) + (out[index - whole - 1] as number)) * 0.5
    const far = ((out[index - whole - 1] as number) + (out[index - whole - 2] as number)) * 0.5
    out[index] = (out[index] as number) + (near + (far - near) * part) * loss
  }
  const string = out.slice(0, total)
  damp(string, 0.35)
  return bothSides(level(string))
}

/** The shape a pick leaves when it lets go a fifth along the string, softened, with a little of the noise it makes. */
function excite(out: Float32Array, length: number, pitch: number): void {
  const random = createRandom(`string ${pitch}`)
  const pick = Math.floor(length / 5)
  let smooth = 0
  for (let index = -64; index < length; index++) {
    const side = (index + length) % length < pick ? 1 : -pick / (length - pick)
    smooth += (side + random.spread(0.35) - smooth) * 0.4
    if (index >= 0) out[index] = smooth
  }
}

/** An electric piano: one sine bending another, brightest as the hammer falls. */
export function renderKeys(pitch: number): StereoPcm {
  const hz = hertz(pitch)
  const total = samplesIn(2)
  const out = new Float32Array(total)
  const ring = 0.9 - Math.min(0.5, hz / 1600)
  let phase = 0
  let modulator = 0
  const step = (hz * CYCLE) / SAMPLE_RATE
  const loudness = Math.exp(-1 / (ring * SAMPLE_RATE))
  const dulling = Math.exp(-1 / (0.22 * SAMPLE_RATE))
  const tining = Math.exp(-1 / (0.05 * SAMPLE_RATE))
  let amplitude = 1
  let bend = (CYCLE / (2 * Math.PI)) * Math.min(1.3, 420 / hz + 0.35)
  let tine = Math.min(0.12, 60 / hz)
  let chime = 0
  for (let index = 0; index < total; index++) {
    const at = phase + bend * (SINE[modulator | 0] as number)
    const body = SINE[(at + CYCLE * 4) & (CYCLE - 1)] as number
    out[index] = (body + tine * (SINE[chime | 0] as number)) * amplitude
    amplitude *= loudness
    bend *= dulling
    tine *= tining
    phase = (phase + step) % CYCLE
    modulator = (modulator + step) % CYCLE
    chime = (chime + step * 7) % CYCLE
  }
  return bothSides(level(out))
}

/** A mallet on a metal bar: the note, its double octave, and a short knock above. */
export function renderMallet(pitch: number): StereoPcm {
  const hz = hertz(pitch)
  const out = new Float32Array(samplesIn(2.2))
  for (const [ratio, strength, seconds] of [
    [1, 1, 0.8],
    [3.98, 0.22, 0.22],
    [9.2, 0.05, 0.04],
  ] as const) {
    if (hz * ratio > 7_000) continue
    const step = (hz * ratio * CYCLE) / SAMPLE_RATE
    const fall = Math.exp(-1 / (seconds * SAMPLE_RATE))
    let amplitude: number = strength
    let phase = 0
    for (let index = 0; index < out.length; index++) {
      out[index] = (out[index] as number) + (SINE[phase | 0] as number) * amplitude
      amplitude *= fall
      phase += step
      if (phase >= CYCLE) phase -= CYCLE
    }
  }
  return bothSides(level(out))
}

/** A one-pole low-pass: each sample keeps `memory` of the one before. */
export function damp(samples: Float32Array, memory: number): void {
  let held = 0
  for (let index = 0; index < samples.length; index++) {
    held = (samples[index] as number) * (1 - memory) + held * memory
    samples[index] = held
  }
}

/** Scales a pitched sound to be as loud as any other in its first third of a second, so that no note of a tune sticks out. */
function level(samples: Float32Array): Float32Array {
  const from = samplesIn(0.02)
  const to = samplesIn(0.32)
  let power = 1e-9
  for (let index = from; index < to; index++) power += (samples[index] as number) ** 2
  return roundEdges(samples, 0.35 / Math.sqrt(power / (to - from)))
}

/** Scales to a peak of 1. */
export function normalise(samples: Float32Array): Float32Array {
  let peak = 1e-9
  for (let index = 0; index < samples.length; index++)
    peak = Math.max(peak, Math.abs(samples[index] as number))
  return roundEdges(samples, 1 / peak)
}

/** Scales, and takes the first millisecond in and the last eighth of a second out, so that no note starts or stops with a click. */
function roundEdges(samples: Float32Array, scale: number): Float32Array {
  const tail = Math.min(samples.length, samplesIn(0.12))
  const head = 48
  for (let index = 0; index < samples.length; index++) {
    const left = samples.length - 1 - index
    const edge = Math.min(1, index / head) * Math.min(1, left / tail)
    samples[index] = (samples[index] as number) * scale * edge
  }
  return samples
}

export function bothSides(samples: Float32Array): StereoPcm {
  return { left: samples, right: samples }
}
