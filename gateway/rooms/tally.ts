import { Counter, Gauge } from 'prom-client'
import { metrics } from '#shared/telemetry.ts'
import type { BreakerState } from './breaker.ts'

/** How a call of a room ends, as the metrics have it. */
export type Outcome =
  /** Answered; there may be errors in it. */
  | 'ok'
  | 'late'
  /** Away, or its answer cannot be read. */
  | 'away'
  /** Whoever asked has gone, or has no more time. */
  | 'left'
  /** Not made: the breaker is open. */
  | 'refused'
  /** Not made: too many wait already. */
  | 'busy'
  /** Failed for what was asked, and no fault of the room's. */
  | 'unfit'

/** Plain numbers, for they change with every call; they become metrics when somebody reads these. */
export type RoomTally = Record<Outcome, number> & { inFlight: number; breaker: BreakerState }

const tallies = new Map<string, RoomTally>()

const OUTCOMES: readonly Outcome[] = ['ok', 'late', 'away', 'left', 'refused', 'busy', 'unfit']
const BREAKER_LEVELS: Record<BreakerState, number> = { closed: 0, probing: 1, open: 2 }

/** The tally of a room goes on where it was when the room is opened again under its name. */
export function tallyOf(room: string): RoomTally {
  let tally = tallies.get(room)
  if (tally === undefined) {
    tally = {
      ok: 0,
      late: 0,
      away: 0,
      left: 0,
      refused: 0,
      busy: 0,
      unfit: 0,
      inFlight: 0,
      breaker: 'closed',
    }
    tallies.set(room, tally)
  }
  return tally
}

new Counter({
  name: 'cadenza_door_room_calls_total',
  help: 'Calls of rooms by how they ended',
  labelNames: ['room', 'outcome'] as const,
  registers: [metrics],
  collect() {
    this.reset()
    for (const [room, tally] of tallies)
      for (const outcome of OUTCOMES) this.inc({ room, outcome }, tally[outcome])
  },
})

new Gauge({
  name: 'cadenza_door_room_calls_in_flight',
  help: 'Calls a room is working on',
  labelNames: ['room'] as const,
  registers: [metrics],
  collect() {
    for (const [room, { inFlight }] of tallies) this.set({ room }, inFlight)
  },
})

new Gauge({
  name: 'cadenza_door_room_breaker',
  help: 'Whether a room is left alone: 0 no, 1 it is tried, 2 yes',
  labelNames: ['room'] as const,
  registers: [metrics],
  collect() {
    for (const [room, { breaker }] of tallies) this.set({ room }, BREAKER_LEVELS[breaker])
  },
})
