import type { Section } from './form.ts'
import { BEATS_PER_BAR, type ChordSpan, spanAt } from './harmony.ts'
import { inventMotif, type Motif, type MotifStep } from './motif.ts'
import type { Note } from './note.ts'
import type { Random } from './random.ts'
import type { Scale } from './scale.ts'

const LOWEST = 57 // A3
const HIGHEST = 80 // A flat 5: what a singer reaches without strain
const VERSE_CENTRE = 64
const CHORUS_CENTRE = 69
const FLOOR = 57 // degree 0 is the tonic at or above here
const LEGATO = 0.94 // the part of its time that a note sounds

/** A line with a lower one that follows it in thirds where the song is fullest. */
export interface Melody {
  lead: Note[]
  second: Note[]
}

/** Sings one motif in the verses, another, higher, in the choruses, and the first again with ornaments in the reprise. */
export function writeMelody(
  form: readonly Section[],
  spans: readonly ChordSpan[],
  scale: Scale,
  random: Random,
  pace: number,
): Melody {
  const verse = inventMotif(random, pace)
  const chorus = inventMotif(random, Math.min(1, pace + 0.15))
  const lead: Note[] = []
  const second: Note[] = []
  for (const section of form) {
    if (section.name === 'intro') continue
    const isChorus = section.name === 'chorus'
    const motif = isChorus ? chorus : verse
    const bars = section.name === 'outro' ? Math.min(2, section.bars - 1) : section.bars
    const anchor = degreeNear(isChorus ? CHORUS_CENTRE : VERSE_CENTRE, scale)
    const drift = section.turn === 0 ? 0 : random.pick([0, 0, 1, -1]) // later turns sit a step higher or lower
    for (let bar = 0; bar < bars; bar++) {
      const steps = barOf(motif, bar, section.bars - bar <= 1)
      const notes = singBar(steps, (section.firstBar + bar) * BEATS_PER_BAR, anchor + drift + lift(bar), {
        spans,
        scale,
        isFinal: bar === section.bars - 1,
      })
      const sung = section.name === 'reprise' || section.turn > 0 ? ornament(notes, scale, random) : notes
      lead.push(...sung)
      if (isChorus || section.name === 'reprise') second.push(...inThirds(sung, spans, scale))
    }
  }
  return { lead, second }
}

function barOf(motif: Motif, bar: number, isFinal: boolean): readonly MotifStep[] {
  if (isFinal) return motif.close
  const place = bar % 4
  return place === 1 ? motif.answer : place === 3 ? motif.close : motif.call
}

/** The third bar of every four repeats the call one step away: a sequence. */
function lift(bar: number): number {
  return bar % 4 === 2 ? (bar % 8 === 2 ? 1 : -1) : 0
}

function singBar(
  steps: readonly MotifStep[],
  start: number,
  anchor: number,
  place: { spans: readonly ChordSpan[]; scale: Scale; isFinal: boolean },
): Note[] {
  const { spans, scale, isFinal } = place
  let sung: { wanted: number; degree: number } | undefined
  return steps.map((step, index) => {
    const beat = start + step.beat
    const { chord } = spanAt(spans, beat)
    const isStrong = step.beat % 2 === 0 || step.beats >= 1.5
    const isEnd = index === steps.length - 1 && isFinal
    const wanted = anchor + step.degree
    let degree = isEnd ? nearest(wanted, [chord.root]) : isStrong ? nearest(wanted, chord.degrees) : wanted
    // Pulling notes to the chord must not flatten the contour: what was meant to move still moves.
    const isStuck = sung !== undefined && degree === sung.degree && wanted !== sung.wanted && !isEnd
    if (isStuck && sung !== undefined)
      degree = beyond(degree, Math.sign(wanted - sung.wanted), chord.degrees, isStrong)
    while (scale.pitch(degree, FLOOR) < LOWEST) degree = beyond(degree, 1, chord.degrees, isStrong)
    while (scale.pitch(degree, FLOOR) > HIGHEST) degree = beyond(degree, -1, chord.degrees, isStrong)
    sung = { wanted, degree }
    const accent = step.beat === 0 ? 0.08 : step.beat % 1 === 0 ? 0 : -0.08
    return { beat, beats: step.beats * LEGATO, pitch: scale.pitch(degree, FLOOR), velocity: 0.72 + accent }
  })
}

/** The next degree in a direction: the next tone of the chord where the beat is strong, the next of the scale where not. */
function beyond(degree: number, direction: number, chord: readonly number[], isStrong: boolean): number {
  let next = degree + direction
  while (isStrong && Math.abs(next - degree) < 4 && nearest(next, chord) !== next) next += direction
  return next
}

/** The degree, counted from the tonic above FLOOR, that lies nearest under a pitch. */
function degreeNear(pitch: number, scale: Scale): number {
  let degree = -7
  while (scale.pitch(degree + 1, FLOOR) <= pitch) degree++
  return degree
}

/** The degree of a chord nearest to a wanted one, in whichever octave. */
function nearest(wanted: number, degrees: readonly number[]): number {
  let best = wanted
  let gap = Number.POSITIVE_INFINITY
  for (const degree of degrees) {
    const candidate = degree + 7 * Math.round((wanted - degree) / 7)
    if (Math.abs(candidate - wanted) < gap) {
      gap = Math.abs(candidate - wanted)
      best = candidate
    }
  }
  return best
}

/** Turns some long notes into the note and a quick neighbour: the same tune, told again. */
function ornament(notes: readonly Note[], scale: Scale, random: Random): Note[] {
  return notes.flatMap((note, index) => {
    if (note.beats < 0.9 || index === notes.length - 1 || !random.chance(0.3)) return [note]
    const neighbour = stepFrom(note.pitch, scale, random.chance(0.6) ? 1 : -1)
    const half = note.beats / LEGATO / 2
    return [
      { ...note, beats: half * LEGATO },
      { beat: note.beat + half, beats: half * LEGATO, pitch: neighbour, velocity: note.velocity * 0.85 },
    ]
  })
}

function inThirds(notes: readonly Note[], spans: readonly ChordSpan[], scale: Scale): Note[] {
  return notes
    .filter((note) => note.beats >= 0.45)
    .map((note) => {
      const third = stepFrom(note.pitch, scale, -2)
      const tones = spanAt(spans, note.beat).chord.degrees.map((degree) => scale.pitch(degree, 48) % 12)
      const fits = tones.includes(third % 12) || note.beats < 0.9
      return { ...note, pitch: fits ? third : stepFrom(note.pitch, scale, -3), velocity: note.velocity * 0.6 }
    })
}

/** The pitch so many scale steps away from a pitch of the scale. */
function stepFrom(pitch: number, scale: Scale, steps: number): number {
  const floor = pitch - ((((pitch - scale.key) % 12) + 12) % 12)
  let degree = 0
  while (degree < 7 && scale.pitch(degree, floor) < pitch) degree++
  return scale.pitch(degree + steps, floor)
}
