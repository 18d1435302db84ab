import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  valueFromASTUntyped,
} from 'graphql'
import type { Logger } from 'pino'
import { createApolloPlanner } from './apollo-planner.ts'
import type { Permitted } from './authorization/authorization.ts'
import { type Directives, takeDirectives } from './directives.ts'
import { createExecutor, type PreparedOperation } from './execute/executor.ts'
import type { CallRoom } from './execute/run.ts'
import type { Limits } from './limits.ts'
import { createLeastFetches } from './planning/least-fetches.ts'
import { countFetches, enforceFetches } from './planning/planned-fetches.ts'
import { createTimedPlanner } from './planning/timed-planner.ts'

/** A composed graph that can be asked: Apollo's planner, our executor. */
export interface LoadedSupergraph {
  /** What clients see. */
  apiSchema: GraphQLSchema
  directives: Directives
  /** Plans and compiles a valid operation, or the part that may be read. Synchronous: whoever calls this remembers the outcome. */
  prepare(
    document: DocumentNode,
    operationName: string | undefined,
    permitted: Permitted | null,
  ): PreparedOperation
}

/** What a supergraph says that the calls of its rooms depend on: the schema with what only rooms see, and its directives. */
export interface CallsGraph {
  supergraphSchema: GraphQLSchema
  directives: Directives
}

export async function loadSupergraph(
  sdl: string,
  createCall: (graph: CallsGraph) => CallRoom,
  limits: Limits,
  logger: Logger,
): Promise<LoadedSupergraph> {
  const { sdl: plain, directives } = takeDirectives(sdl)
  const planner = createTimedPlanner(await createApolloPlanner(plain, logger), limits.planningMs)
  const { supergraphSchema } = planner
  const leastFetches = createLeastFetches(parse(plain, { noLocation: true }), planner.apiSchema)
  const executor = createExecutor(planner, createCall({ supergraphSchema, directives }))
  return {
    apiSchema: planner.apiSchema,
    directives,
    prepare(document, operationName, permitted) {
      const { allowed, asked, denials } = permitted ?? {}
      const planned = documentOf(allowed) ?? document
      enforceFetches(leastFetches(planned, operationName), limits)
      const plan = planner.plan(planned, operationName)
      enforceFetches(countFetches(plan), limits)
      return executor.compile(plan, documentOf(asked) ?? document, operationName, denials)
    },
  }
}

function documentOf(operation: OperationDefinitionNode | undefined): DocumentNode | undefined {
  return operation && { kind: Kind.DOCUMENT, definitions: [operation] }
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
