import { type DocumentNode, type GraphQLSchema, Kind, parse, valueFromASTUntyped } from 'graphql'
import type { Logger } from 'pino'
import { createApolloPlanner } from './apollo-planner.ts'
import { type Directives, takeDirectives } from './directives.ts'
import { createExecutor, type PreparedOperation } from './execute/executor.ts'
import type { CallRoom } from './execute/run.ts'

/** A composed graph that can be asked: Apollo's planner, our executor. */
export interface LoadedSupergraph {
  /** What clients see. */
  apiSchema: GraphQLSchema
  directives: Directives
  /** Plans and compiles a valid operation. Planning is synchronous: whoever calls this remembers the outcome. */
  prepare(document: DocumentNode, operationName: string | undefined): PreparedOperation
}

/** What a supergraph says that the calls of its rooms depend on: the schema with what only rooms see, and its directives. */
export interface CallsGraph {
  supergraphSchema: GraphQLSchema
  directives: Directives
}

export async function loadSupergraph(
  sdl: string,
  createCall: (graph: CallsGraph) => CallRoom,
  logger: Logger,
): Promise<LoadedSupergraph> {
  const { sdl: plain, directives } = takeDirectives(sdl)
  const planner = await createApolloPlanner(plain, logger)
  const { supergraphSchema } = planner
  const executor = createExecutor(planner, createCall({ supergraphSchema, directives }))
  return {
    apiSchema: planner.apiSchema,
    directives,
    prepare: (document, operationName) =>
      executor.compile(planner.plan(document, operationName), document, operationName),
  }
}

/** The rooms of a supergraph by name, with the addresses it has for them. */
export function roomsOf(sdl: string): Map<string, string> {
  const rooms = new Map<string, string>()
  for (const definition of parse(sdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION) continue
    for (const { directives = [] } of definition.values ?? []) {
      const graph = directives.find(({ name }) => name.value === 'join__graph')
      const [name, url] = ['name', 'url'].map((argument) => {
        const node = graph?.arguments?.find((given) => given.name.value === argument)
        return node === undefined ? undefined : valueFromASTUntyped(node.value)
      })
      if (typeof name === 'string') rooms.set(name, String(url ?? ''))
    }
  }
  return rooms
}
