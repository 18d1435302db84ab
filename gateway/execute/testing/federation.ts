import { buildSubgraphSchema } from '@apollo/subgraph'
import { execute, type GraphQLFormattedError, type GraphQLSchema, parse } from 'graphql'
import type { RoomResponse } from '#shared/room.ts'
import type { Caller } from '../../caller.ts'
import { createExecutor } from '../executor.ts'
import { FEDERATION_2 } from './federation-2.ts'
import { composeGraph } from './graphs.ts'
import { plain } from './plain.ts'
import { planOf } from './planner.ts'
import { createStock } from './stock.ts'

type Module = Exclude<Parameters<typeof buildSubgraphSchema>[0], readonly unknown[]>

/** A subgraph as its team would write it; as it stands, its SDL is of federation 1. */
export interface Subgraph {
  sdl: string
  resolvers: Extract<Module, { typeDefs: unknown }>['resolvers']
}

export interface Answers {
  ours: { data: unknown; errors: readonly GraphQLFormattedError[] }
  stock: { data: unknown; errors: readonly GraphQLFormattedError[] }
  /** The rooms that ours called, in order. */
  calls: string[]
}

/** A subgraph of federation 2. */
export function subgraph(sdl: string, resolvers: Subgraph['resolvers']): Subgraph {
  return { sdl: `${FEDERATION_2}\n${sdl}`, resolvers }
}

/** Composes subgraphs that really resolve, and asks them through our executor and through stock's. */
export function federate(
  subgraphs: Readonly<Record<string, Subgraph>>,
): (source: string, variables?: Record<string, unknown>) => Promise<Answers> {
  const entries = Object.entries(subgraphs).map(([name, { sdl, resolvers = {} }]) => ({
    name,
    typeDefs: parse(sdl),
    resolvers,
  }))
  const graph = composeGraph(Object.fromEntries(entries.map(({ name, typeDefs }) => [name, typeDefs])))
  const schemas = new Map(entries.map(({ name, ...module }) => [name, buildSubgraphSchema(module)]))
  const stock = createStock(graph)
  const ask = async (
    room: string,
    { query, variables = {} }: { query: string; variables?: Record<string, unknown> | undefined },
  ): Promise<RoomResponse> => {
    const schema = schemas.get(room) as GraphQLSchema
    return plain(await execute({ schema, document: parse(query), variableValues: variables }))
  }

  return async (source, variables = {}) => {
    const document = parse(source)
    const calls: string[] = []
    const executor = createExecutor(graph, async (room, request) => {
      calls.push(room)
      return ask(room, request)
    })
    const operation = executor.compile(planOf(graph)(document, undefined), document, undefined)
    const { data, errors } = await operation.execute({ variables, caller: {} as Caller })
    return {
      ours: { data: data === null ? null : JSON.parse(data), errors },
      stock: await stock.answer(document, variables, ask),
      calls,
    }
  }
}
