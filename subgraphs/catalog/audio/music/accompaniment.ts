import { chordOn, voiceChord } from './chords.ts'
import type { ChordSpan } from './harmony.ts'
import type { Note } from './note.ts'
import type { Random } from './random.ts'
import type { Scale } from './scale.ts'

export type Figure = 'bells' | 'broken' | 'arpeggio' | 'strum' | 'stabs'

/** Indices into the voicing, climbing an octave when past its end; one eighth (or quarter) each. */
type Orders = readonly [readonly number[], ...(readonly number[])[]]

const ORDERS: Orders = [
  [0, 1, 2, 3, 2, 1, 2, 1],
  [0, 2, 1, 2, 3, 2, 1, 2],
  [0, 1, 2, 3, 4, 3, 2, 1],
  [2, 1, 0, 1, 2, 3, 2, 1],
]

const STABS: Orders = [
  [0, 1.5, 3],
  [0.5, 1.5, 2.5, 3.5],
  [0, 0.75, 1.5, 2.5],
  [1, 2.5],
]

/** [beat, upward] strokes of a strumming hand over one bar. */
const STROKES = [
  [0, false],
  [1, false],
  [1.5, true],
  [2.5, true],
  [3, false],
  [3.5, true],
] as const satisfies readonly (readonly [number, boolean])[]

/** How the chords are played on the keys or the guitar, from how lively and how acoustic the track is. */
export function pickFigure(
  random: Random,
  mood: { energy: number; danceability: number; acousticness: number },
): Figure {
  if (mood.energy < 0.25) return random.chance(0.5) ? 'bells' : 'broken'
  if (mood.acousticness > 0.5) return mood.energy > 0.4 && random.chance(0.6) ? 'strum' : 'arpeggio'
  if (mood.danceability > 0.6 && mood.energy > 0.45) return random.chance(0.65) ? 'stabs' : 'arpeggio'
  return mood.energy < 0.4 ? 'broken' : 'arpeggio'
}

/** Chords carry the bare beginning and end, step back behind a verse's melody, and fill the choruses. */
function presence(span: ChordSpan): number {
  const { name } = span.section
  return name === 'intro' || name === 'outro' ? 1.05 : name === 'verse' ? 0.75 : 1
}

/** Long chords under everything: each rings until the next, and a little over it. */
export function writePad(spans: readonly ChordSpan[]): Note[] {
  return spans.flatMap((span) =>
    span.voicing.map((pitch) => ({
      beat: span.beat,
      beats: span.beats + 0.2,
      pitch,
      velocity: presence(span),
    })),
  )
}

export function writeFigure(spans: readonly ChordSpan[], figure: Figure, random: Random): Note[] {
  const order = random.pick(ORDERS)
  const stabs = random.pick(STABS)
  return spans.flatMap((span) => {
    const isSparse = span.section.name === 'intro' || span.section.name === 'outro'
    const played = isSparse && (figure === 'stabs' || figure === 'strum') ? 'broken' : figure
    const notes = figureOf(span, played, { order, stabs, random })
    return notes.map((note) => ({ ...note, velocity: note.velocity * presence(span) }))
  })
}

/** Quick high notes over the fullest sections, an octave above the figure: what makes a chorus glitter. */
export function writeSparkle(spans: readonly ChordSpan[], energy: number, random: Random): Note[] {
  const step = energy > 0.65 ? 0.25 : energy > 0.3 ? 0.5 : 1
  const order = random.pick(ORDERS)
  const notes: Note[] = []
  for (const span of spans) {
    const { name, turn } = span.section
    if (name !== 'reprise' && !(name === 'chorus' && (turn > 0 || energy > 0.5))) continue
    for (let count = 0; count * step < span.beats; count++) {
      if (random.chance(0.3)) continue
      const pitch = tone(span, order[count % order.length] ?? 0) + 12
      const accent = count % 4 === 0 ? 0.6 : 0.4
      notes.push({
        beat: span.beat + count * step,
        beats: step,
        pitch: pitch > 88 ? pitch - 12 : pitch,
        velocity: accent,
      })
    }
  }
  return notes
}

function figureOf(
  span: ChordSpan,
  figure: Figure,
  hand: { order: readonly number[]; stabs: readonly number[]; random: Random },
): Note[] {
  const notes: Note[] = []
  const add = (beat: number, beats: number, pitch: number, velocity: number): void => {
    if (beat < span.beats) notes.push({ beat: span.beat + beat, beats, pitch, velocity })
  }
  for (let bar = 0; bar < span.beats; bar += 4) {
    if (figure === 'bells') {
      const first = Math.floor(hand.random.next() * 3)
      add(bar, 2, tone(span, first + 2), 0.5)
      if (hand.random.chance(0.6))
        add(bar + hand.random.pick([1.5, 2, 2.5, 3]), 2, tone(span, first + 3), 0.4)
    } else if (figure === 'strum') {
      for (const [beat, isUp] of STROKES) strum(span, bar + beat, isUp, add)
    } else if (figure === 'stabs') {
      for (const beat of hand.stabs)
        for (const pitch of span.voicing) add(bar + beat, 0.4, pitch, beat % 1 === 0 ? 0.6 : 0.5)
    } else {
      const step = figure === 'broken' ? 1 : 0.5
      for (let count = 0; count * step < 4; count++) {
        const accent = count % 4 === 0 ? 0.6 : count % 2 === 0 ? 0.5 : 0.42
        add(bar + count * step, step * 1.8, tone(span, hand.order[count % hand.order.length] ?? 0), accent)
      }
    }
  }
  return notes
}

/** Strings follow each other by a hundredth of a beat or two; the upward stroke takes the high ones only. */
function strum(
  span: ChordSpan,
  beat: number,
  isUp: boolean,
  add: (beat: number, beats: number, pitch: number, velocity: number) => void,
): void {
  const strings = [...span.voicing, (span.voicing[0] ?? 0) + 12]
  const struck = isUp ? strings.slice(1).reverse() : strings
  for (const [index, pitch] of struck.entries())
    add(beat + index * 0.018, isUp ? 0.5 : 1, pitch, isUp ? 0.32 : beat % 2 === 0 ? 0.5 : 0.42)
}

function tone(span: ChordSpan, index: number): number {
  const { voicing } = span
  return (voicing[index % voicing.length] ?? 60) + 12 * Math.floor(index / voicing.length)
}

/** The tonic that ends a piece at `beat` and rings for `beats`: pad and bass together, the figure rolled upwards once. */
export function writeEnding(
  spans: readonly ChordSpan[],
  scale: Scale,
  beat: number,
  beats: number,
): { pad: Note[]; figure: Note[]; bass: Note[] } {
  const voicing = voiceChord(chordOn(0, scale, false), scale, 53, spans.at(-1)?.voicing ?? [])
  const rolled = [...voicing, (voicing[0] ?? 60) + 12]
  const root = scale.pitch(0, 33)
  return {
    pad: voicing.map((pitch) => ({ beat, beats, pitch, velocity: 1 })),
    figure: rolled.map((pitch, index) => ({ beat: beat + index * 0.12, beats: 2, pitch, velocity: 0.55 })),
    bass: [{ beat, beats, pitch: root > 43 ? root - 12 : root, velocity: 0.75 }],
  }
}
