import type { Random } from './random.ts'
import type { Scale } from './scale.ts'

/** A chord of the scale, as degrees counted from the tonic; the first is its root (0 to 6). */
export interface Chord {
  root: number
  degrees: readonly number[]
}

type Roots = readonly [number, number, number, number]
type Choices = readonly [Roots, ...Roots[]]

const BRIGHT: Choices = [
  [0, 4, 5, 3],
  [0, 3, 0, 4],
  [0, 3, 5, 4],
  [0, 2, 3, 4],
  [3, 0, 4, 5],
]
const WISTFUL: Choices = [
  [5, 3, 0, 4],
  [0, 5, 1, 4],
  [0, 5, 3, 4],
  [3, 4, 2, 5],
  [0, 2, 5, 3],
]
const DARK: Choices = [
  [0, 5, 3, 4],
  [0, 3, 5, 4],
  [0, 5, 3, 3],
  [0, 2, 3, 5],
]
const DRIVING: Choices = [
  [0, 5, 2, 6],
  [0, 6, 5, 6],
  [0, 2, 6, 5],
  [5, 6, 0, 2],
]

/** Four chords that go round, chosen for the mode and how happy the track is; `unlike` is a progression not to repeat. */
export function pickProgression(
  random: Random,
  scale: Scale,
  mood: { valence: number; colour: number },
  unlike?: readonly Chord[],
): Chord[] {
  const choices =
    scale.mode === 1 ? (mood.valence >= 0.5 ? BRIGHT : WISTFUL) : mood.valence >= 0.45 ? DRIVING : DARK
  const taken = unlike?.map((chord) => chord.root).join()
  let roots = random.pick(choices)
  while (roots.join() === taken) roots = random.pick(choices)
  return roots.map((root) => chordOn(root, scale, random.chance(mood.colour)))
}

/** The triad on a degree, with its seventh when `coloured`; the leading-tone triad is diminished, so its fifth stays out. */
export function chordOn(root: number, scale: Scale, coloured: boolean): Chord {
  const diminished = root === (scale.mode === 1 ? 6 : 1)
  const degrees = diminished ? [root, root + 2, root + 5] : [root, root + 2, root + 4]
  const harsh = root === (scale.mode === 1 ? 4 : 6) // a dominant seventh pulls too hard for a loop
  if (coloured && !harsh && !diminished) degrees.push(root + 6)
  return { root, degrees }
}

/** Pitches of a chord in the octave-and-a-half above `floor`, each as near as can be to the voices before it. */
export function voiceChord(chord: Chord, scale: Scale, floor: number, before: readonly number[]): number[] {
  const inversions: number[][] = []
  for (let bass = 0; bass < chord.degrees.length; bass++) {
    const turned = chord.degrees.map((degree, index) => (index < bass ? degree + 7 : degree))
    for (const octave of [-7, 0]) {
      const pitches = turned.map((degree) => scale.pitch(degree + octave, floor)).sort((a, b) => a - b)
      if ((pitches[0] ?? 0) >= floor - 2) inversions.push(pitches)
    }
  }
  const centre = before.length > 0 ? before : [floor + 3, floor + 7, floor + 11]
  let best = inversions[0] ?? []
  for (const pitches of inversions) if (distance(pitches, centre) < distance(best, centre)) best = pitches
  return best
}

function distance(pitches: readonly number[], others: readonly number[]): number {
  const nearest = pitches.map((pitch) => Math.min(...others.map((other) => Math.abs(other - pitch))))
  const top = Math.abs((pitches.at(-1) ?? 0) - (others.at(-1) ?? 0))
  return nearest.reduce((sum, step) => sum + step, 0) + top * 0.5
}
