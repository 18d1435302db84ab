import type { StereoPcm } from '../pcm.ts'
import { renderKeys, renderMallet, renderString } from './struck.ts'
import { renderTone, type Tone } from './tones.ts'

/** Something that can play a pitch. Sustained sounds last `length` samples; struck ones ring as long as they ring. */
export interface Instrument {
  isStruck: boolean
  render(pitch: number, length: number): StereoPcm
}

const steep = (slope: number) => (harmonic: number) => harmonic ** -slope
const hollow = (slope: number) => (harmonic: number) => (harmonic % 2 === 1 ? 1 : 0.15) * harmonic ** -slope

/** A sung "ooh" or "ah": a falling spectrum that swells where the mouth resonates, whatever the pitch. */
const sung = (first: number, second: number) => (harmonic: number, hz: number) => {
  const at = harmonic * hz
  const swell = (centre: number, width: number) => Math.exp(-(((at - centre) / width) ** 2))
  return (
    harmonic ** -1.25 * (0.35 + 1.4 * swell(first, 260) + 0.8 * swell(second, 320) + 0.5 * swell(2800, 450))
  )
}

const SOFT: Omit<Tone, 'dark' | 'bright'> = {
  brightness: 0.6,
  brightFor: 0.5,
  attack: 0.03,
  decay: 0.5,
  sustain: 0.75,
  release: 0.15,
  detune: 0,
  vibrato: 0,
}

export const WARM_PAD = sustained({
  ...SOFT,
  dark: steep(1.85),
  bright: steep(1.1),
  brightFor: 1.6,
  attack: 0.35,
  decay: 2,
  sustain: 0.85,
  release: 0.7,
  detune: 9,
})
export const GLASS_PAD = sustained({
  ...SOFT,
  dark: hollow(2),
  bright: hollow(1.4),
  brightFor: 2.2,
  attack: 0.6,
  decay: 2,
  sustain: 0.9,
  release: 1,
  detune: 7,
})
export const ROUND_BASS = sustained({
  ...SOFT,
  dark: steep(2.4),
  bright: steep(1.5),
  brightness: 0.5,
  brightFor: 0.18,
  attack: 0.008,
  decay: 0.9,
  sustain: 0.55,
  release: 0.07,
})
/** Swells in rather than being plucked, for music that has no pulse. */
export const SLOW_BASS = sustained({
  ...SOFT,
  dark: steep(2.4),
  bright: steep(1.7),
  brightness: 0.4,
  attack: 0.14,
  decay: 2,
  sustain: 0.8,
  release: 0.45,
})
export const SYNTH_BASS = sustained({
  ...SOFT,
  dark: steep(1.9),
  bright: steep(1.05),
  brightness: 0.8,
  brightFor: 0.12,
  attack: 0.005,
  decay: 0.4,
  sustain: 0.6,
  release: 0.05,
})
export const VOICE = sustained({
  ...SOFT,
  dark: sung(420, 850),
  bright: sung(680, 1150),
  brightFor: 0.8,
  attack: 0.06,
  decay: 1.2,
  sustain: 0.85,
  release: 0.18,
  detune: 5,
  vibrato: 14,
})
export const FLUTE = sustained({
  ...SOFT,
  dark: steep(2.6),
  bright: steep(1.8),
  brightness: 0.5,
  attack: 0.05,
  decay: 1,
  sustain: 0.85,
  release: 0.14,
  detune: 3,
  vibrato: 10,
})
export const SYNTH_LEAD = sustained({
  ...SOFT,
  dark: hollow(1.7),
  bright: steep(1.15),
  brightFor: 0.3,
  attack: 0.012,
  decay: 0.6,
  sustain: 0.7,
  release: 0.12,
  detune: 6,
  vibrato: 7,
})
export const STRING: Instrument = { isStruck: true, render: renderString }
export const KEYS: Instrument = { isStruck: true, render: renderKeys }
export const MALLET: Instrument = { isStruck: true, render: renderMallet }
export const PLUCK = sustained({
  ...SOFT,
  dark: steep(1.8),
  bright: steep(0.9),
  brightness: 0.8,
  brightFor: 0.09,
  attack: 0.004,
  decay: 0.28,
  sustain: 0.12,
  release: 0.22,
  detune: 5,
})

function sustained(tone: Tone): Instrument {
  return { isStruck: false, render: (pitch, length) => renderTone(tone, pitch, length) }
}
