import type { CallRoom, RoomAnswer } from '../execute/run.ts'
import { doorCallsShared } from '../telemetry.ts'
import { createInFlight, type InFlight } from './in-flight.ts'

/** Calls of rooms that are under way. */
export interface SharedCalls {
  /** Calls as `call` does, and lets queries join an identical one of a caller whom the room cannot tell from theirs. */
  share(call: CallRoom): CallRoom
  /** Something has changed: what is asked from now on is answered from now on. */
  seal(): void
}

export function createSharedCalls(): SharedCalls {
  const rooms = new Map<string, InFlight<RoomAnswer>>()
  const flightsTo = (room: string): InFlight<RoomAnswer> => {
    const known = rooms.get(room)
    if (known !== undefined) return known
    const flights = createInFlight<RoomAnswer>((answer) => ({ ...answer, isShared: true }))
    rooms.set(room, flights)
    return flights
  }

  return {
    share: (call) => (room, request) => {
      const { body, caller, kind, signal, trace } = request
      // What follows a mutation or an event has to be as new as that: it joins nothing that began before.
      if (kind !== 'query') return call(room, request)
      const flights = flightsTo(room)
      const flight = flights.find(caller.key, body)
      if (flight === undefined) {
        return flights.begin(caller.key, body, signal, (everybody) => {
          request.signal = everybody
          return call(room, request)
        })
      }
      doorCallsShared.inc({ room })
      if (trace) trace.isShared = true
      return flight.join(signal)
    },
    seal() {
      for (const flights of rooms.values()) flights.seal()
    },
  }
}
