import { SAMPLE_RATE } from '../pcm.ts'

/** Points in one cycle; every table has one more, equal to the first, so that reading between points never wraps. */
export const CYCLE = 2048

/** The strength of the n-th harmonic (1 = fundamental) of a note at so many hertz. */
export type Spectrum = (harmonic: number, hz: number) => number

const CEILING_HZ = 9_000 // nothing above: no aliasing, nothing that pierces

const sine = new Float32Array(CYCLE + 1)
for (let index = 0; index <= CYCLE; index++) sine[index] = Math.sin((index / CYCLE) * 2 * Math.PI)

/** One cycle of a sine, the wave every other is summed from. */
export const SINE: Float32Array = sine

/** Sums a band-limited cycle of a spectrum, as loud as a full sine whatever its number of harmonics. */
export function createWavetable(spectrum: Spectrum, hz: number): Float32Array {
  const table = new Float32Array(CYCLE + 1)
  const count = Math.max(1, Math.min(32, Math.floor(Math.min(CEILING_HZ, SAMPLE_RATE / 2.2) / hz)))
  let power = 0
  for (let harmonic = 1; harmonic <= count; harmonic++) {
    const strength = spectrum(harmonic, hz)
    if (strength < 0.002) continue
    power += strength * strength
    const turn = (harmonic * harmonic * 613) % CYCLE // scattered phases keep the crest low
    for (let index = 0; index < CYCLE; index++) {
      table[index] = (table[index] as number) + strength * (SINE[(index * harmonic + turn) % CYCLE] as number)
    }
  }
  const scale = power > 0 ? 1 / Math.sqrt(power) : 0
  for (let index = 0; index < CYCLE; index++) table[index] = (table[index] as number) * scale
  table[CYCLE] = table[0] as number
  return table
}
