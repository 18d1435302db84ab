import { isDeepStrictEqual } from 'node:util'
import { type GraphQLFormattedError, parse } from 'graphql'
import { AppError } from '#shared/errors.ts'
import type { Caller } from '../../caller.ts'
import { createExecutor } from '../executor.ts'
import type { CallRoom } from '../run.ts'
import type { Graph } from './graphs.ts'
import { planOf } from './planner.ts'
import { randomOperation } from './random-operation.ts'
import { createStock, type Stock } from './stock.ts'
import { createWorld, type World } from './world.ts'

/** One operation, answered three ways. */
export interface Comparison {
  source: string
  variables: Record<string, unknown>
  ours: { data: unknown; errors: readonly GraphQLFormattedError[] }
  stock: { data: unknown; errors: readonly GraphQLFormattedError[] }
  whole: { data: unknown; errors: readonly GraphQLFormattedError[] }
  calls: { ours: number; stock: number }
}

const NOBODY = {} as Caller

/**
 * Runs generated operations through our executor, stock's and an undivided schema, over the same made-up world. With a room
 * away only stock can be compared: the undivided schema has nothing that could be missing.
 */
export function createDifferential(
  graph: Graph,
): (seed: number, kind?: string, isRoomAway?: boolean) => Promise<Comparison> {
  const stock: Stock = createStock(graph)
  const worldOf = (isTroubled: boolean): World => createWorld({ ...graph, isTroubled })
  const [calm, troubled] = [worldOf(false), worldOf(true)]

  const rooms = [...graph.rooms.keys()]

  return async (seed, kind = 'query', isRoomAway = false) => {
    const world = seed % 2 === 0 ? calm : troubled
    const away = isRoomAway ? rooms[seed % rooms.length] : undefined
    const ask: World['ask'] = async (room, request) => {
      if (room === away) throw new AppError('UNAVAILABLE', `${room} is away`)
      return world.ask(room, request)
    }
    const { source, variables } = randomOperation(graph.apiSchema, seed, kind)
    const document = parse(source)
    const plan = stock.plan(document)
    const calls = { ours: 0, stock: 0 }
    // An answer that others share may not be written to: a frozen one proves that it is not.
    const isShared = seed % 3 === 0
    const call: CallRoom = async (room, request) => {
      calls.ours++
      const answer = await ask(room, request)
      return isShared ? { ...freeze(answer), isShared } : answer
    }
    const operation = createExecutor(graph, call).compile(
      planOf(graph)(document, undefined),
      document,
      undefined,
    )
    const { data, errors } = await operation.execute({ variables, caller: NOBODY })
    const whole = await world.askWhole(document, variables)
    return {
      source,
      variables,
      calls,
      ours: { data: data === null ? null : JSON.parse(data), errors },
      stock: await stock.execute(plan, document, variables, (room, request) => {
        calls.stock++
        return ask(room, request)
      }),
      whole: { data: whole.data ?? null, errors: whole.errors ?? [] },
    }
  }
}

/**
 * What is wrong with our answer; nothing when it is as the undivided schema's, in data and in the reasons for its nulls. Where
 * there are errors data may be stock's instead: a room that lost one field of an entity can lose the entity.
 */
export function faultsOf({ ours, stock, whole, calls }: Comparison): string[] {
  const faults: string[] = []
  const isAsStock = ours.errors.length > 0 && isDeepStrictEqual(ours.data, stock.data)
  if (!isDeepStrictEqual(ours.data, whole.data) && !isAsStock) faults.push('data')
  if (calls.ours > 0 && isDeepStrictEqual(ours.data, whole.data)) {
    const unexplained = whole.errors.filter(
      ({ path = [] }) =>
        !ours.errors.some((error) => isWithin(error.path ?? [], nullAbove(path, whole.data))),
    )
    if (unexplained.length > 0) faults.push(`no error for ${JSON.stringify(unexplained[0])}`)
    const invented = ours.errors.filter(
      ({ path = [] }) =>
        !whole.errors.some((error) => isWithin(error.path ?? [], nullAbove(path, ours.data))),
    )
    // A field that only a room needs (`@requires`) can fail unseen by the client: its path leads to nothing in the answer.
    const visible = invented.filter(({ path = [] }) => valueAt(path, ours.data) !== undefined)
    if (visible.length > 0) faults.push(`an error too many: ${JSON.stringify(visible[0])}`)
  }
  return faults
}

type Path = readonly (string | number)[]

/** The shortest part of the path that is null in the answer; all of it when nothing is. */
function nullAbove(path: Path, data: unknown): Path {
  for (let depth = 0; depth <= path.length; depth++) {
    if (valueAt(path.slice(0, depth), data) === null) return path.slice(0, depth)
  }
  return path
}

function valueAt(path: Path, data: unknown): unknown {
  let value = data
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined
  }
  return value
}

function isWithin(path: Path, place: Path): boolean {
  return place.every((key, depth) => path[depth] === key)
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) freeze(item)
    Object.freeze(value)
  }
  return value
}
