import type { StopSignal } from '#shared/room.ts'

/** Work under way, which whoever asks for the same joins instead of having it done again. */
export interface InFlight<Result> {
  /** What the same owner began under the same key, and is still under way. */
  find(owner: string, key: string): Flight<Result> | undefined
  /** Begins what others may join until it ends; `work` gets a signal that is aborted once everybody has left. */
  begin(owner: string, key: string, signal: StopSignal | undefined, work: Work<Result>): Promise<Result>
  /** Nobody joins what has begun by now: something has changed, and whoever asks from now on has to see it. */
  seal(): void
}

export interface Flight<Result> {
  /** Whether everybody has left. */
  isAbandoned(): boolean
  /** Settles as the work does; whoever leaves, leaves the others to it. */
  join(signal: StopSignal | undefined): Promise<Result>
}

type Work<Result> = (signal: StopSignal) => Promise<Result>

/** `toShared` makes of a result that was joined the one that all of them get. */
export function createInFlight<Result>(
  toShared: (result: Result) => Result = (result) => result,
): InFlight<Result> {
  const flights = new Map<string, Map<string, Flight<Result>>>()

  return {
    find(owner, key) {
      const flight = flights.get(owner)?.get(key)
      return flight?.isAbandoned() ? undefined : flight
    },

    begin(owner, key, signal, work) {
      const known = flights.get(owner)
      const own = known ?? new Map<string, Flight<Result>>()
      if (known === undefined) flights.set(owner, own)
      const flight = createFlight(signal, toShared)
      own.set(key, flight)
      return flight.take(work, () => {
        if (own.get(key) === flight) own.delete(key)
        if (own.size === 0 && flights.get(owner) === own) flights.delete(owner)
      })
    },

    seal: () => flights.clear(),
  }
}

/** A flight that does not begin before `take`, and calls `land` when nobody can join it any more. */
function createFlight<Result>(first: StopSignal | undefined, toShared: (result: Result) => Result) {
  const waiting = [first]
  const everybody: StopSignal = {
    get aborted() {
      return waiting.every((signal) => signal?.aborted)
    },
    get reason(): unknown {
      return waiting.at(-1)?.reason
    },
  }
  let landed: Promise<Result>

  async function fly(work: Work<Result>, land: () => void): Promise<Result> {
    try {
      const result = await work(everybody)
      return waiting.length > 1 ? toShared(result) : result
    } finally {
      land()
    }
  }

  return {
    take(work: Work<Result>, land: () => void): Promise<Result> {
      landed = fly(work, land)
      return landed
    },

    join(signal: StopSignal | undefined): Promise<Result> {
      waiting.push(signal)
      return landed
    },

    isAbandoned: () => everybody.aborted,
  }
}
