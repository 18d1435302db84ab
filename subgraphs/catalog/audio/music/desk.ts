import type { StereoPcm } from '../pcm.ts'

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
