const MAJOR = [0, 2, 4, 5, 7, 9, 11] as const
const NATURAL_MINOR = [0, 2, 3, 5, 7, 8, 10] as const

/** A key and mode. Degrees count from 0 (the tonic) and run on past the octave in both directions; pitches are MIDI numbers. */
export interface Scale {
  mode: 0 | 1
  /** The tonic's pitch class, 0 (C) to 11 (B). */
  key: number
  /** The pitch of a degree when degree 0 sits on the first tonic at or above `floor`. */
  pitch(degree: number, floor: number): number
}

export function createScale(key: number, mode: 0 | 1): Scale {
  const steps = mode === 1 ? MAJOR : NATURAL_MINOR
  return {
    mode,
    key,
    pitch(degree, floor) {
      const octave = Math.floor(degree / 7)
      const step = steps[degree - octave * 7] ?? 0
      const tonic = floor + ((((key - floor) % 12) + 12) % 12)
      return tonic + octave * 12 + step
    },
  }
}

/** Hertz of a MIDI pitch in equal temperament, A4 = 69 = 440 Hz. */
export function hertz(pitch: number): number {
  return 440 * 2 ** ((pitch - 69) / 12)
}
