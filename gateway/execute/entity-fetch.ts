import { AppError } from '#shared/errors.ts'
import { createEntityLeg, type EntityLeg, type Load, NO_LOAD } from './entity-leg.ts'
import { commonPath, faultOfRoom, pathOf, type ResponsePath } from './fault.ts'
import { type JoinedOperation, joinOperations } from './joined-operation.ts'
import type { FetchNode } from './plan.ts'
import type { Batch } from './room-call.ts'
import { type Act, ask, membersText, type RoomAnswer, type Run, report } from './run.ts'
import type { Types } from './selection.ts'
import type { Leg } from './step.ts'
import { isTree } from './tree.ts'
import type { Writes } from './writes.ts'

/** A leg with something to ask, and the names its question has in the operation that is sent. */
interface Passenger {
  leg: EntityLeg
  load: Load
  field: string
  variable: string
}

/** A leg as it was compiled. Some only stand by, for objects that another one lacks something of. */
interface Seat {
  leg: EntityLeg
  node: FetchNode
  standsBy: number | undefined
}

/**
 * Compiles fetches of one room's entities into one request. Legs that turn out to have nothing to ask are not sent alone, and those
 * that stand by are not sent at all.
 */
export function createEntityFetch(room: string, legs: readonly Leg[], writes: Writes, types: Types): Act {
  const seats: Seat[] = []
  for (const { node, routes } of legs) {
    const standsBy = seats.length
    seats.push({ leg: createEntityLeg({ node, routes }, writes, types), node, standsBy: undefined })
    for (const part of node.otherwise ?? []) {
      seats.push({ leg: createEntityLeg({ node: part, routes }, writes, types), node: part, standsBy })
    }
  }
  const regular = seats.flatMap(({ standsBy }, index) => (standsBy === undefined ? [index] : []))
  const operationOf = createOperations(seats.map(({ node }) => node))

  return (run) => {
    const loads: Load[] = []
    for (const { leg, standsBy } of seats) {
      const left = standsBy === undefined ? undefined : loads[standsBy]
      loads.push(left?.isComplete ? NO_LOAD : leg.load(run, left))
    }
    const busy = seats.flatMap((_, index) => (loads[index]?.representations.length === 0 ? [] : [index]))
    if (busy.length === 0) return undefined
    const isUsual = busy.length > 1 && busy.every((index) => seats[index]?.standsBy === undefined)
    const crew = isUsual ? regular : busy
    const operation = operationOf(crew)
    const passengers = crew.flatMap((index, at) => {
      const [seat, load, ticket] = [seats[index], loads[index], operation.tickets[at]]
      return seat && load && ticket ? [{ leg: seat.leg, load, ...ticket }] : []
    })
    return send(run, operation, passengers)
  }

  function send(run: Run, operation: JoinedOperation, passengers: readonly Passenger[]): Promise<void> {
    const batches = passengers.map(
      ({ field, variable, load: { representations } }): Batch => ({ field, variable, representations }),
    )
    const locate = (): ResponsePath =>
      commonPath(passengers.flatMap(({ leg, load }) => leg.places(run, load)))
    return ask(
      run,
      room,
      operation,
      membersText(run, operation.variableUsages),
      batches,
      (answer) => adopt(run, answer, passengers, locate),
      locate,
    )
  }

  function adopt(
    run: Run,
    { data, errors: given, isShared = false }: RoomAnswer,
    passengers: readonly Passenger[],
    locate: () => ResponsePath,
  ): void {
    const errors = Array.isArray(given) ? given : []
    for (const error of errors) {
      const [field, ...path] = pathOf(error) ?? []
      const about = passengers.find((passenger) => passenger.field === field)
      if (about !== undefined && typeof path[0] === 'number') about.leg.blame(run, about.load, error, path)
      else report(run, faultOfRoom(error, room, locate()))
    }
    if (!isTree(data)) {
      if (errors.length === 0) throw new AppError('UNAVAILABLE', `The ${room} room answered nothing`)
      return
    }
    for (const { leg, load, field } of passengers) leg.deliver(load, data[field], isShared)
  }
}

/** Many legs that stand by are many ways to go without some of the others: not all are kept. */
const MAX_OPERATIONS = 64

/** The operation that asks what some of the nodes ask, written when it is first wanted. */
function createOperations(nodes: readonly FetchNode[]): (crew: readonly number[]) => JoinedOperation {
  const operations = new Map<number | string, JoinedOperation>()
  return (crew) => {
    const key = (crew.length === 1 ? crew[0] : undefined) ?? crew.join()
    const known = operations.get(key)
    if (known !== undefined) return known
    if (operations.size === MAX_OPERATIONS) operations.clear()
    const operation = joinOperations(crew.flatMap((index) => nodes[index] ?? []))
    operations.set(key, operation)
    return operation
  }
}
