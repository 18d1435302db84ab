import { type Chord, chordOn, pickProgression, voiceChord } from './chords.ts'
import type { Section } from './form.ts'
import type { Random } from './random.ts'
import type { Scale } from './scale.ts'

/** A chord sounding for some beats of a section, with the pitches the middle voices take. */
export interface ChordSpan {
  section: Section
  beat: number
  beats: number
  chord: Chord
  voicing: readonly number[]
  /** The last chord of its section. */
  isLast: boolean
}

export const BEATS_PER_BAR = 4
const MIDDLE = 53 // the middle voices live above F3, clear of the bass

/**
 * The whole piece's harmony: one progression for the verses, another for the choruses, a dominant where a chorus leads back,
 * and a plagal step before the end (the last tonic is the ending's). `chordBeats` is how long each chord lasts.
 */
export function harmonise(
  form: readonly Section[],
  scale: Scale,
  random: Random,
  mood: { valence: number; colour: number; chordBeats: number },
): ChordSpan[] {
  const verse = pickProgression(random, scale, mood)
  const chorus = pickProgression(random, scale, mood, verse)
  const home = chordOn(0, scale, false)
  const dominant = chordOn(4, scale, false)
  const beforeHome = chordOn(3, scale, random.chance(mood.colour))

  const spans: ChordSpan[] = []
  let voicing: readonly number[] = []
  for (const section of form) {
    const progression = section.name === 'chorus' ? chorus : verse
    const start = section.firstBar * BEATS_PER_BAR
    const length = section.bars * BEATS_PER_BAR
    for (let offset = 0, turn = 0; offset < length; turn++) {
      const beats = Math.min(mood.chordBeats, length - offset)
      const isLast = offset + beats >= length
      let chord = progression[turn % progression.length] ?? home
      if (isLast && section.name === 'chorus') chord = dominant
      if (isLast && section.name === 'outro') chord = beforeHome
      voicing = voiceChord(chord, scale, MIDDLE, voicing)
      spans.push({ section, beat: start + offset, beats, chord, voicing, isLast })
      offset += beats
    }
  }
  return spans
}

/** The span sounding at a beat; after the end, the last one. */
export function spanAt(spans: readonly ChordSpan[], beat: number): ChordSpan {
  let low = 0
  let high = spans.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((spans[middle]?.beat ?? 0) <= beat + 1e-6) low = middle
    else high = middle - 1
  }
  const span = spans[low]
  if (span === undefined) throw new RangeError('a piece has at least one chord')
  return span
}
