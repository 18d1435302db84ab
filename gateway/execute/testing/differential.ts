import { type GraphQLFormattedError, parse } from 'graphql'
import { AppError } from '#shared/errors.ts'
import type { Caller } from '../../caller.ts'
import { createExecutor } from '../executor.ts'
import type { QueryPlan } from '../plan.ts'
import type { CallRoom } from '../run.ts'
import type { Graph } from './graphs.ts'
import { planOf } from './planner.ts'
import { randomOperation } from './random-operation.ts'
import { createStock } from './stock.ts'
import { createWorld, type World } from './world.ts'

export interface Answered {
  data: unknown
  errors: readonly GraphQLFormattedError[]
}

/** One operation, answered three ways. */
export interface Comparison {
  source: string
  variables: Record<string, unknown>
  ours: Answered
  /** What it threw is its one error. */
  stock: Answered
  whole: Answered
  calls: { ours: number; stock: number }
  /** Ours. */
  plan: QueryPlan
}

export type Compare = (seed: number, kind?: 'query' | 'mutation', isRoomAway?: boolean) => Promise<Comparison>

const NOBODY = {} as Caller

/**
 * Runs generated operations through our executor, stock's and an undivided schema, over the same made-up world: with even seeds one
 * that is calm, with odd seeds one with errors, and nulls that should not be.
 */
export function createDifferential(graph: Graph): Compare {
  const stock = createStock(graph)
  const [calm, troubled] = [false, true].map((isTroubled) => createWorld({ ...graph, isTroubled }))
  if (calm === undefined || troubled === undefined) throw new Error('There is no world')
  const rooms = [...graph.rooms.keys()]

  return async (seed, kind = 'query', isRoomAway = false) => {
    const world = seed % 2 === 0 ? calm : troubled
    const away = isRoomAway ? rooms[seed % rooms.length] : undefined
    const calls = { ours: 0, stock: 0 }
    const asking =
      (who: keyof typeof calls): World['ask'] =>
      async (room, request) => {
        calls[who]++
        if (room === away) throw new AppError('UNAVAILABLE', `${room} is away`)
        return world.ask(room, request)
      }
    const { source, variables } = randomOperation(graph.apiSchema, seed, kind)
    const document = parse(source)
    const plan = planOf(graph)(document, undefined)
    // An answer that others share may not be written to: a frozen one proves that it is not.
    const isShared = seed % 3 === 0
    const ask = asking('ours')
    const call: CallRoom = async (room, request) => {
      const answer = await ask(room, request)
      return isShared ? { ...freeze(answer), isShared } : answer
    }
    const operation = createExecutor(graph, call).compile(plan, document, undefined)
    const { data, errors } = await operation.execute({ variables, caller: NOBODY })
    const whole = await world.askWhole(document, variables)
    return {
      source,
      variables,
      plan,
      calls,
      ours: { data: data === null ? null : JSON.parse(data), errors },
      stock: await stock.answer(document, variables, asking('stock')),
      whole: { data: whole.data ?? null, errors: whole.errors ?? [] },
    }
  }
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) freeze(item)
    Object.freeze(value)
  }
  return value
}
