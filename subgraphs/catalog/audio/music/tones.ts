import { createPcm, SAMPLE_RATE, type StereoPcm, samplesIn } from '../pcm.ts'
import { hertz } from './scale.ts'
import { CYCLE, createWavetable, type Spectrum } from './wavetable.ts'

/** A sustained sound: two spectra, the bright one fading into the dark one, an envelope, and a little movement. Times in seconds. */
export interface Tone {
  dark: Spectrum
  bright: Spectrum
  /** How much of the bright spectrum a note starts with, and how fast it falls. */
  brightness: number
  brightFor: number
  attack: number
  decay: number
  sustain: number
  release: number
  /** Cents between the left and the right channel. */
  detune: number
  vibrato: number
}

const CONTROL = 32 // samples between two points of an envelope

/** Renders one note of a tone; it sounds for `length` samples and then its release. */
export function renderTone(tone: Tone, pitch: number, length: number): StereoPcm {
  const hz = hertz(pitch)
  const total = length + samplesIn(tone.release)
  const pcm = createPcm(total)
  const dark = createWavetable(tone.dark, hz)
  const bright = createWavetable(tone.bright, hz)
  const envelope = createEnvelope(tone, length, total)
  const shine = createShine(tone, envelope.length)
  const spread = 2 ** (tone.detune / 2400)
  sing(pcm.left, { dark, bright, envelope, shine, hz: hz * spread, vibrato: tone.vibrato, phase: 0 })
  sing(pcm.right, {
    dark,
    bright,
    envelope,
    shine,
    hz: hz / spread,
    vibrato: tone.vibrato,
    phase: tone.detune === 0 ? 0 : 700,
  })
  return pcm
}

interface Song {
  dark: Float32Array
  bright: Float32Array
  envelope: Float32Array
  shine: Float32Array
  hz: number
  vibrato: number
  phase: number
}

function sing(out: Float32Array, song: Song): void {
  const { dark, bright, envelope, shine } = song
  const step = (song.hz * CYCLE) / SAMPLE_RATE
  let phase = song.phase
  for (let point = 0, start = 0; start < out.length; point++, start += CONTROL) {
    const end = Math.min(out.length, start + CONTROL)
    let gain = envelope[point] as number
    const gainStep = ((envelope[point + 1] as number) - gain) / CONTROL
    const mix = shine[point] as number
    const seconds = start / SAMPLE_RATE
    const depth = song.vibrato * Math.min(1, Math.max(0, seconds - 0.25) * 3) // sets in late, as a voice does
    const bend = depth === 0 ? 1 : 1 + (depth * Math.sin(seconds * 2 * Math.PI * 5.2)) / 1731
    const advance = step * bend
    for (let index = start; index < end; index++) {
      const whole = phase | 0
      const part = phase - whole
      const low = dark[whole] as number
      const high = bright[whole] as number
      const lowValue = low + ((dark[whole + 1] as number) - low) * part
      const highValue = high + ((bright[whole + 1] as number) - high) * part
      out[index] = (lowValue + (highValue - lowValue) * mix) * gain
      gain += gainStep
      phase += advance
      if (phase >= CYCLE) phase -= CYCLE
    }
  }
}

/** Gain every CONTROL samples: up, down to the sustain level, and out in a curve that ends at exactly nothing. */
function createEnvelope(tone: Tone, length: number, total: number): Float32Array {
  const points = new Float32Array(Math.ceil(total / CONTROL) + 2)
  const attack = Math.max(CONTROL * 2, samplesIn(tone.attack))
  const release = Math.max(1, total - length)
  let held = 0
  for (let point = 0; point < points.length; point++) {
    const sample = point * CONTROL
    if (sample < length) {
      const rise = Math.min(1, sample / attack)
      const fall = Math.exp(-Math.max(0, sample - attack) / samplesIn(tone.decay))
      held = rise * rise * (3 - 2 * rise) * (tone.sustain + (1 - tone.sustain) * fall)
      points[point] = held
    } else {
      const left = Math.max(0, 1 - (sample - length) / release)
      points[point] = held * left * left
    }
  }
  return points
}

function createShine(tone: Tone, count: number): Float32Array {
  const shine = new Float32Array(count)
  for (let point = 0; point < count; point++) {
    shine[point] = tone.brightness * Math.exp(-(point * CONTROL) / samplesIn(tone.brightFor))
  }
  return shine
}
