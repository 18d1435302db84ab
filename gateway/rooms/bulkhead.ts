/** Someone who wants a place. */
export interface Guest {
  /** Called when a place is free; says whether it is taken. */
  take(): boolean
}

export interface BulkheadOptions {
  /** Calls of the room at the same time. */
  places: number
  /** Calls that wait for a place; what comes on top is refused. */
  seats: number
}

/** As many calls at once for one room, so that a slow one cannot take the sockets, and the memory, of all. */
export interface Bulkhead {
  readonly taken: number
  readonly waiting: number
  /** A guest who gets a place, now or later, takes it and has to leave; false when too many wait already. */
  enter(guest: Guest): boolean
  /** A guest who has a place gives it to whoever waits longest. */
  leave(): void
  /** A guest who waits does so no longer. */
  resign(guest: Guest): void
}

export const BULKHEAD: BulkheadOptions = { places: 64, seats: 4_096 }

export function createBulkhead({ places, seats }: BulkheadOptions): Bulkhead {
  const queue = new Set<Guest>()
  let taken = 0

  const leave = (): void => {
    for (const guest of queue) {
      queue.delete(guest)
      if (guest.take()) return
    }
    taken--
  }

  return {
    get taken() {
      return taken
    },
    get waiting() {
      return queue.size
    },
    enter(guest) {
      if (taken < places) {
        taken++
        if (!guest.take()) leave()
        return true
      }
      if (queue.size >= seats) return false
      queue.add(guest)
      return true
    },
    leave,
    resign(guest) {
      queue.delete(guest)
    },
  }
}
