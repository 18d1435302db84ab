import { SAMPLE_RATE, type StereoPcm, samplesIn } from '../pcm.ts'
import type { Drum } from './drums.ts'
import { createRandom } from './random.ts'
import { bothSides, damp, normalise } from './struck.ts'
import { CYCLE, SINE } from './wavetable.ts'

/** One rendered stroke of each drum, peak 1. */
export type DrumKit = Readonly<Record<Drum, StereoPcm>>

export function createDrumKit(): DrumKit {
  return {
    kick: bothSides(kick()),
    snare: bothSides(mix(noise('snare', 0.2, 0.055, 0.55, 0.25), 0.75, skin(185, 0.07, 0.2), 0.6)),
    rim: bothSides(mix(noise('rim', 0.06, 0.008, 0.5, 0.3), 0.5, skin(820, 0.018, 0.06), 0.6)),
    clap: bothSides(clap()),
    hat: bothSides(noise('hat', 0.09, 0.02, 0.3, 0.92)),
    openHat: bothSides(noise('open hat', 0.4, 0.11, 0.3, 0.92)),
    shaker: bothSides(shaker()),
    cymbal: { left: noise('cymbal', 2.2, 0.5, 0.4, 0.9), right: noise('other cymbal', 2.2, 0.5, 0.4, 0.9) },
  }
}

/** A sine falling from 150 Hz to 54 Hz, with a soft knock in front. */
function kick(): Float32Array {
  const out = new Float32Array(samplesIn(0.28))
  let phase = 0
  for (let index = 0; index < out.length; index++) {
    const seconds = index / SAMPLE_RATE
    const hz = 54 + 96 * Math.exp(-seconds / 0.028)
    phase += (hz * CYCLE) / SAMPLE_RATE
    out[index] = (SINE[phase & (CYCLE - 1)] as number) * Math.exp(-seconds / 0.09)
  }
  return normalise(mix(out, 1, noise('beater', 0.02, 0.004, 0.8, 0), 0.08))
}

/** The pitch of a drum head, sagging a little. */
function skin(hz: number, fall: number, length: number): Float32Array {
  const out = new Float32Array(samplesIn(length))
  let phase = 0
  for (let index = 0; index < out.length; index++) {
    const seconds = index / SAMPLE_RATE
    phase += (hz * (1 + 0.35 * Math.exp(-seconds / 0.02)) * CYCLE) / SAMPLE_RATE
    out[index] = (SINE[phase & (CYCLE - 1)] as number) * Math.exp(-seconds / fall)
  }
  return out
}

/** Noise that dies away: `soft` rounds its highs off, `thin` takes its lows out (both 0 to 1). */
function noise(name: string, length: number, fall: number, soft: number, thin: number): Float32Array {
  const random = createRandom(name)
  const out = new Float32Array(samplesIn(length))
  for (let index = 0; index < out.length; index++) out[index] = random.spread(1)
  damp(out, soft)
  const lows = out.slice()
  damp(lows, 1 - thin * 0.55)
  for (let index = 0; index < out.length; index++) {
    const body = (out[index] as number) - (lows[index] as number) * Math.min(1, thin * 2)
    out[index] = body * Math.exp(-index / (fall * SAMPLE_RATE))
  }
  return normalise(out)
}

/** Three quick bursts and a tail: several hands. */
function clap(): Float32Array {
  const out = new Float32Array(samplesIn(0.22))
  const burst = noise('clap', 0.12, 0.035, 0.55, 0.35)
  for (const [seconds, gain] of [
    [0, 0.5],
    [0.011, 0.6],
    [0.023, 1],
  ] as const) {
    const start = samplesIn(seconds)
    for (let index = 0; index < burst.length; index++) {
      out[start + index] = (out[start + index] ?? 0) + (burst[index] as number) * gain
    }
  }
  return normalise(out)
}

/** Rises before it falls, as beads do. */
function shaker(): Float32Array {
  const out = noise('shaker', 0.12, 0.05, 0.4, 0.8)
  const rise = samplesIn(0.022)
  for (let index = 0; index < rise; index++) out[index] = (out[index] as number) * (index / rise) ** 2
  return normalise(out)
}

function mix(first: Float32Array, firstGain: number, second: Float32Array, secondGain: number): Float32Array {
  const out = new Float32Array(Math.max(first.length, second.length))
  for (let index = 0; index < out.length; index++) {
    out[index] = (first[index] ?? 0) * firstGain + (second[index] ?? 0) * secondGain
  }
  return normalise(out)
}
