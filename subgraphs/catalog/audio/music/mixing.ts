import { type StereoPcm, samplesIn } from '../pcm.ts'
import type { DrumKit } from './drum-kit.ts'
import type { Drum, Hit } from './drums.ts'
import type { Instrument } from './instruments.ts'
import type { Note } from './note.ts'

/** Where beats fall in samples: tempo, the silence before the first, and how late the off-beat eighths come. */
export interface Clock {
  /** Samples in a beat. */
  beat: number
  /** Samples before the first beat. */
  lead: number
  /** 0.5 is straight; 0.6 lets the second eighth of a beat come a fifth late. */
  swing: number
}

/** The sample a beat falls on. */
export function sampleAt(clock: Clock, beat: number): number {
  const whole = Math.floor(beat)
  const part = beat - whole
  const swung = part < 0.5 ? part * 2 * clock.swing : clock.swing + (part - 0.5) * 2 * (1 - clock.swing)
  return clock.lead + Math.round((whole + swung) * clock.beat)
}

/** How a part is heard: gain, and where each note stands from left (-1) to right (1). */
export interface Seat {
  gain: number
  pan: number
  /** Notes spread by pitch this far round the seat: low to one side, high to the other. */
  width: number
}

/** Plays the notes of a part into `bus`; each distinct pitch and length is rendered once. */
export function playNotes(
  bus: StereoPcm,
  notes: readonly Note[],
  instrument: Instrument,
  seat: Seat,
  clock: Clock,
): void {
  const rendered = new Map<string, StereoPcm>()
  const middle = notes.reduce((sum, note) => sum + note.pitch, 0) / Math.max(1, notes.length)
  for (const note of notes) {
    const at = sampleAt(clock, note.beat)
    const held = instrument.isStruck
      ? 0
      : Math.max(samplesIn(0.06), Math.round((note.beats * clock.beat) / 441) * 441)
    const key = `${note.pitch}:${held}`
    let sound = rendered.get(key)
    if (sound === undefined) {
      sound = instrument.render(note.pitch, held)
      rendered.set(key, sound)
    }
    const place = Math.max(-1, Math.min(1, seat.pan + (seat.width * (note.pitch - middle)) / 12))
    const gain = seat.gain * note.velocity
    const angle = ((place + 1) * Math.PI) / 4
    add(bus, sound, at, gain * Math.cos(angle) * Math.SQRT2, gain * Math.sin(angle) * Math.SQRT2)
  }
}

const DRUM_SEATS: Readonly<Record<Drum, Seat>> = {
  kick: { gain: 0.44, pan: 0, width: 0 },
  snare: { gain: 0.3, pan: 0.05, width: 0 },
  rim: { gain: 0.16, pan: 0.15, width: 0 },
  clap: { gain: 0.22, pan: -0.05, width: 0 },
  hat: { gain: 0.06, pan: 0.3, width: 0 },
  openHat: { gain: 0.06, pan: 0.3, width: 0 },
  shaker: { gain: 0.08, pan: -0.3, width: 0 },
  cymbal: { gain: 0.07, pan: -0.25, width: 0 },
}

export function playDrums(bus: StereoPcm, hits: readonly Hit[], kit: DrumKit, clock: Clock): void {
  for (const hit of hits) {
    const seat = DRUM_SEATS[hit.drum]
    const at = sampleAt(clock, hit.beat)
    const gain = seat.gain * hit.velocity
    add(bus, kit[hit.drum], at, gain * (1 - Math.max(0, seat.pan)), gain * (1 + Math.min(0, seat.pan)))
  }
}

/** Adds a sound to both sides of a bus in one go; what would ring past the end is cut there. */
function add(bus: StereoPcm, sound: StereoPcm, at: number, leftGain: number, rightGain: number): void {
  const end = Math.min(bus.left.length, at + sound.left.length)
  if (end <= at) return
  const left = bus.left.subarray(at, end)
  const right = bus.right.subarray(at, end)
  const { left: fromLeft, right: fromRight } = sound
  for (let index = 0; index < left.length; index++) {
    left[index] = (left[index] as number) + (fromLeft[index] as number) * leftGain
    right[index] = (right[index] as number) + (fromRight[index] as number) * rightGain
  }
}
