import type { Chance } from '../demo/chance.ts'
import type { Move } from './listening.ts'

/** `PlaybackEventInput` of the schema. */
export interface PlayerEvent {
  eventId: string
  playbackId: string
  kind: Move['kind']
  positionMs: number
  at: string
}

export interface Disorder {
  /** Each event is told up to so long after it happened, in any order. */
  shuffledMs: number
  /** So many are told once more, of all. */
  repeated: number
  /** So many are told only so long after, of all. */
  late: number
  lateMs: number
}

interface Delivery {
  dueAt: number
  event: PlayerEvent
}

/** What a player still has to tell, and when it will. All times are true ones, whatever the player's clock says. */
export interface Deliveries {
  add(event: PlayerEvent, happenedAt: number): void
  /** What is due by then, in no order; it is not here any more. */
  take(now: number): PlayerEvent[]
  /** How many wait for their turn in the shuffle. */
  readonly size: number
  /** How many wait for more than the shuffle. */
  readonly late: number
}

export function createDeliveries(
  { shuffledMs, repeated, late, lateMs }: Disorder,
  chance: Chance,
): Deliveries {
  let waiting: Delivery[] = []
  let lateOnes: Delivery[] = []
  return {
    add(event, happenedAt) {
      const tell = (list: Delivery[], after: number) => list.push({ event, dueAt: happenedAt + after })
      const isLate = chance.next() < late
      const times = chance.next() < repeated ? 2 : 1
      for (let time = 0; time < times; time++)
        if (isLate) tell(lateOnes, lateMs)
        else tell(waiting, chance.between(0, shuffledMs))
    },
    take(now) {
      const due = [...waiting, ...lateOnes].filter(({ dueAt }) => dueAt <= now)
      waiting = waiting.filter(({ dueAt }) => dueAt > now)
      lateOnes = lateOnes.filter(({ dueAt }) => dueAt > now)
      return shuffled(due, chance).map(({ event }) => event)
    },
    get size() {
      return waiting.length
    },
    get late() {
      return lateOnes.length
    },
  }
}

function shuffled<T>(list: readonly T[], chance: Chance): T[] {
  const result = [...list]
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(chance.between(0, last + 1))
    ;[result[last], result[other]] = [result[other] as T, result[last] as T]
  }
  return result
}
