import { LRUCache } from 'lru-cache'
import type { RoomOperation } from '../execute/room-call.ts'
import type { CallRoom, RoomAnswer } from '../execute/run.ts'
import { doorCallsShared } from '../telemetry.ts'
import { createInFlight, type Era, type InFlight } from './in-flight.ts'

const REMEMBERED = 10_000

/** Calls as `call` does, and lets queries join an identical one of a caller whom the room cannot tell from theirs. */
export function shareCalls(call: CallRoom, era: Era): CallRoom {
  // Texts are long: they are compared once an operation, and calls of one by their variables.
  const byOperation = new WeakMap<RoomOperation, InFlight<RoomAnswer>>()
  const byText = new LRUCache<string, InFlight<RoomAnswer>>({ max: REMEMBERED })

  const flightsOf = (room: string, operation: RoomOperation): InFlight<RoomAnswer> => {
    const known = byOperation.get(operation)
    if (known !== undefined) return known
    const text = `${room}\n${operation.head}`
    const flights = byText.get(text) ?? createInFlight<RoomAnswer>(era, toShared)
    byText.set(text, flights)
    byOperation.set(operation, flights)
    return flights
  }

  return (room, request) => {
    const { operation, caller, kind, signal, trace } = request
    // What follows a mutation or an event has to be as new as that: it joins nothing that began before.
    if (kind !== 'query') return call(room, request)
    const flights = flightsOf(room, operation)
    const variables = request.variablesText
    const flight = flights.find(caller.key, variables)
    if (flight === undefined) {
      return flights.begin(caller.key, variables, signal, (everybody) => {
        request.signal = everybody
        return call(room, request)
      })
    }
    doorCallsShared.inc({ room })
    if (trace) trace.isShared = true
    return flight.join(signal)
  }
}

function toShared(answer: RoomAnswer): RoomAnswer {
  return { ...answer, isShared: true }
}
