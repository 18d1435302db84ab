import { type StereoPcm, samplesIn } from '../pcm.ts'
import type { DrumKit } from './drum-kit.ts'
import type { Drum, Hit } from './drums.ts'
import type { Instrument } from './instruments.ts'
import type { Note } from './note.ts'

const RETURNED = 9 << 20 // samples, 36 MB

/** What a piece is mixed on: the mix itself, a bus for one part at a time, and what goes to the hall (one channel, half rate). */
export interface Desk {
  mix: StereoPcm
  bus: StereoPcm
  room: Float32Array
}

/**
 * A desk for so many samples, all in one block of memory: glibc gives blocks above 32 MB back to the system when they are freed, while it
 * keeps smaller ones, and a server composes seldom.
 */
export function createDesk(samples: number): Desk {
  const block = new Float32Array(Math.max(RETURNED, samples * 4 + (samples >> 1)))
  const channel = (index: number, length = samples): Float32Array =>
    block.subarray(index * samples, index * samples + length)
  return {
    mix: { left: channel(0), right: channel(1) },
    bus: { left: channel(2), right: channel(3) },
    room: channel(4, samples >> 1),
  }
}

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

/** Pours a bus into the mix and, as one channel at half the rate, into what the room will answer; then empties it. */
export function pour(bus: StereoPcm, mix: StereoPcm, room: Float32Array, toRoom: number): void {
  const { left, right } = bus
  const { left: mixLeft, right: mixRight } = mix
  const share = toRoom / 4
  for (let index = 0, odd = 1; odd < left.length; index++, odd += 2) {
    const even = odd - 1
    const left0 = left[even] as number
    const left1 = left[odd] as number
    const right0 = right[even] as number
    const right1 = right[odd] as number
    mixLeft[even] = (mixLeft[even] as number) + left0
    mixLeft[odd] = (mixLeft[odd] as number) + left1
    mixRight[even] = (mixRight[even] as number) + right0
    mixRight[odd] = (mixRight[odd] as number) + right1
    room[index] = (room[index] as number) + (left0 + left1 + right0 + right1) * share
  }
  left.fill(0)
  right.fill(0)
}

/** Repeats that bounce from side to side `seconds` apart, each duller and `feedback` as loud. */
export function addEcho(bus: StereoPcm, seconds: number, feedback: number): void {
  const delay = samplesIn(seconds)
  const { left, right } = bus
  let dullLeft = 0
  let dullRight = 0
  for (let index = delay; index < left.length; index++) {
    dullLeft += ((left[index - delay] as number) - dullLeft) * 0.3
    dullRight += ((right[index - delay] as number) - dullRight) * 0.3
    left[index] = (left[index] as number) + dullRight * feedback
    right[index] = (right[index] as number) + dullLeft * feedback * 0.8
  }
}

/** Lowers a bus by `depth` at every kick and lets it rise again within half a beat, so that the kick breathes through. */
export function duck(bus: StereoPcm, hits: readonly Hit[], clock: Clock, depth: number): void {
  const length = Math.round(clock.beat * 0.5)
  const fall = samplesIn(0.008)
  for (const hit of hits) {
    if (hit.drum !== 'kick') continue
    const at = sampleAt(clock, hit.beat)
    const end = Math.min(length, bus.left.length - at)
    for (let index = 0; index < end; index++) {
      const rise = index / length
      const gain = 1 - depth * (1 - rise) * (1 - rise) * Math.min(1, index / fall) * hit.velocity
      bus.left[at + index] = (bus.left[at + index] as number) * gain
      bus.right[at + index] = (bus.right[at + index] as number) * gain
    }
  }
}
