import { type StereoPcm, samplesIn } from '../pcm.ts'
import type { Hit } from './drums.ts'
import { type Clock, sampleAt } from './mixing.ts'

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
