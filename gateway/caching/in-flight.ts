import type { StopSignal } from '#shared/room.ts'

/** Work under way, which whoever asks for the same joins instead of having it done again. */
export interface InFlight<Result> {
  /** What the same owner began under the same key, and is still under way. */
  find(owner: string, key: string): Flight<Result> | undefined
  /** Begins what others may join until it ends; `work` gets a signal that is aborted once everybody has left. */
  begin(owner: string, key: string, signal: StopSignal | undefined, work: Work<Result>): Promise<Result>
}

type Work<Result> = (everybody: StopSignal) => Promise<Result>

/** Goes up when something has changed: nobody joins what began before, for whoever asks from now on has to see it. */
export interface Era {
  now: number
}

/** `toShared` makes of a result that was joined the one that all of them get. */
export function createInFlight<Result>(
  era: Era,
  toShared: (result: Result) => Result = (result) => result,
): InFlight<Result> {
  const flights = new Map<string, Map<string, Flight<Result>>>()

  async function fly(flight: Flight<Result>, work: Work<Result>, land: () => void): Promise<Result> {
    try {
      const result = await work(flight)
      return flight.isShared ? toShared(result) : result
    } finally {
      land()
    }
  }

  return {
    find(owner, key) {
      const flight = flights.get(owner)?.get(key)
      return flight === undefined || flight.era !== era.now || flight.aborted ? undefined : flight
    },

    begin(owner, key, signal, work) {
      const known = flights.get(owner)
      const own = known ?? new Map<string, Flight<Result>>()
      if (known === undefined) flights.set(owner, own)
      const flight = new Flight<Result>(era.now, signal)
      own.set(key, flight)
      return flight.take(
        fly(flight, work, () => {
          if (own.get(key) === flight) own.delete(key)
          if (own.size === 0 && flights.get(owner) === own) flights.delete(owner)
        }),
      )
    },
  }
}

/**
 * Those who wait for the same: as a signal, they have all left. A class, for there is one a call, and getters of an object literal
 * would cost more than all else about it.
 */
class Flight<Result> implements StopSignal {
  readonly era: number
  readonly #waiting: (StopSignal | undefined)[]
  #landed: Promise<Result> | undefined

  constructor(era: number, first: StopSignal | undefined) {
    this.era = era
    this.#waiting = [first]
  }

  get aborted(): boolean {
    return this.#waiting.every((signal) => signal?.aborted)
  }

  get reason(): unknown {
    return this.#waiting.at(-1)?.reason
  }

  get isShared(): boolean {
    return this.#waiting.length > 1
  }

  take(landed: Promise<Result>): Promise<Result> {
    this.#landed = landed
    return landed
  }

  /** Settles as the work does; whoever leaves, leaves the others to it. */
  join(signal: StopSignal | undefined): Promise<Result> {
    if (this.#landed === undefined) throw new Error('Nothing is under way')
    this.#waiting.push(signal)
    return this.#landed
  }
}
