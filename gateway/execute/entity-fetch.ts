import { AppError } from '#shared/errors.ts'
import { createEntityLeg, type EntityLeg, type Load } from './entity-leg.ts'
import { commonPath, faultOfRoom, pathOf, type ResponsePath } from './fault.ts'
import { type JoinedOperation, joinOperations } from './joined-operation.ts'
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

/** Compiles fetches of one room's entities into one request. Legs that turn out to have nothing to ask are not sent alone. */
export function createEntityFetch(room: string, legs: readonly Leg[], writes: Writes, types: Types): Act {
  const compiled = legs.map((leg) => createEntityLeg(leg, writes, types))
  const together = joinOperations(legs.map(({ node }) => node))
  const alone = legs.map(({ node }) => joinOperations([node]))

  return (run) => {
    const loads = compiled.map((leg) => leg.load(run))
    const busy = loads.flatMap(({ representations }, index) => (representations.length > 0 ? [index] : []))
    const [first] = busy
    if (first === undefined) return undefined
    const isAlone = busy.length === 1
    const operation = (isAlone ? alone[first] : undefined) ?? together
    const passengers = (isAlone ? [first] : compiled.map((_, index) => index)).flatMap((index, seat) => {
      const [leg, load, ticket] = [compiled[index], loads[index], operation.tickets[seat]]
      return leg && load && ticket ? [{ leg, load, ...ticket }] : []
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
