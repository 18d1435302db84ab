import type { Room, RoomRequest, RoomResponse, StopSignal } from '#shared/room.ts'
import type { Deadlines, Waiting } from '../deadlines.ts'
import type { Breaker } from './breaker.ts'
import type { Bulkhead, Guest } from './bulkhead.ts'
import { away, busy, late, outcomeOf } from './faults.ts'
import { isRepeatable } from './retry-budget.ts'
import type { RoomTally } from './tally.ts'

/** What all calls of one room have in common. */
export interface Gate {
  readonly room: Room
  readonly breaker: Breaker
  readonly bulkhead: Bulkhead
  readonly deadlines: Deadlines
  readonly tally: RoomTally
  /** How long a query may take, and how long a call may wait for its turn. */
  readonly timeoutMs: number
  /** A mutation may happen although it was given up on: it has the whole time of a request. */
  readonly requestTimeoutMs: number
  /** Told what speaks against the room. */
  onFailure(error: unknown): void
}

/** One call on its way through the gate: it waits for its turn, is made, and ends once. A class, for its methods are made once. */
export class Passage implements Waiting, Guest {
  seat = -1
  dueAt = Number.POSITIVE_INFINITY
  readonly #gate: Gate
  readonly #request: RoomRequest
  readonly #resolve: (answer: RoomResponse) => void
  readonly #reject: (error: unknown) => void
  #state: 'outside' | 'inside' | 'over' = 'outside'
  #ticket = 0

  constructor(
    gate: Gate,
    request: RoomRequest,
    resolve: (answer: RoomResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#gate = gate
    this.#request = request
    this.#resolve = resolve
    this.#reject = reject
  }

  get signal(): StopSignal | undefined {
    return this.#request.signal
  }

  begin(): void {
    const { breaker, bulkhead, deadlines, room, timeoutMs } = this.#gate
    const now = performance.now()
    // Asked before there is a place, too: nobody waits for one only to be refused in it.
    if (breaker.isOpen(now)) {
      this.#refuse('refused', away(room.name))
      return
    }
    this.dueAt = now + timeoutMs
    deadlines.watch(this)
    if (!bulkhead.enter(this)) this.#refuse('busy', busy(room.name))
  }

  take(): boolean {
    const { breaker, room, tally, timeoutMs, requestTimeoutMs } = this.#gate
    const now = performance.now()
    this.#ticket = breaker.admit(now)
    if (this.#ticket === 0) {
      this.#refuse('refused', away(room.name))
      return false
    }
    this.#state = 'inside'
    tally.inFlight++
    const request = this.#request
    const limitMs = isRepeatable(request.query) ? timeoutMs : requestTimeoutMs
    this.dueAt = request.dueAt = now + limitMs
    room.execute(request).then(
      (answer) => this.#answered(answer),
      (error: unknown) => this.#failed(error),
    )
    return true
  }

  giveUp(reason?: unknown): void {
    const { bulkhead, room } = this.#gate
    const error = reason ?? late(room.name)
    if (this.#state === 'inside') this.#failed(error)
    else {
      bulkhead.resign(this)
      this.#refuse(reason === undefined ? 'late' : 'left', error)
    }
  }

  #answered(answer: RoomResponse): void {
    if (this.#state !== 'inside') return
    this.#gate.tally.ok++
    this.#leave(false)
    this.#resolve(answer)
  }

  #failed(error: unknown): void {
    if (this.#state !== 'inside') return
    const { onFailure, tally } = this.#gate
    const outcome = outcomeOf(error, this.signal)
    tally[outcome]++
    const isSick = outcome === 'away' || outcome === 'late'
    if (isSick) onFailure(error)
    this.#leave(isSick ? true : null)
    this.#reject(error)
  }

  #leave(isFailure: boolean | null): void {
    const { breaker, bulkhead, deadlines, tally } = this.#gate
    this.#state = 'over'
    tally.inFlight--
    deadlines.unwatch(this)
    breaker.report(this.#ticket, isFailure, performance.now())
    bulkhead.leave()
  }

  #refuse(outcome: 'refused' | 'busy' | 'late' | 'left', error: unknown): void {
    const { deadlines, tally } = this.#gate
    this.#state = 'over'
    tally[outcome]++
    deadlines.unwatch(this)
    this.#reject(error)
  }
}
