import { operationFromDocument, Supergraph } from '@apollo/federation-internals'
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway'
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner'
import type { DocumentNode, GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { DoorContext } from './data-source.ts'

export type DataSources = Readonly<Record<string, GraphQLDataSource<DoorContext>>>

/** The composed graph: Apollo's gateway for queries and mutations, and its planner for what the gateway will not run. */
export interface LoadedSupergraph {
  gateway: ApolloGateway
  /** What clients see. */
  apiSchema: GraphQLSchema
  /** With the joins in it: what the executor reads. */
  supergraphSchema: GraphQLSchema
  internals: Supergraph
  /** The plan of an operation. Planning is synchronous: the same operation is planned once. */
  plan(document: DocumentNode, source: string, operationName: string | undefined): QueryPlan
}

export function loadSupergraph(sdl: string, sources: DataSources, logger: Logger): LoadedSupergraph {
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    logger: quiet(logger),
    buildService: ({ name }) => {
      const source = sources[name]
      if (source === undefined)
        throw new Error(`The supergraph names a room that the door does not know: ${name}`)
      return source as GraphQLDataSource
    },
  })
  const internals = Supergraph.build(sdl)
  const apiSchema = internals.apiSchema().toGraphQLJSSchema()
  const planner = new QueryPlanner(internals)
  const plans = new LRUCache<string, QueryPlan>({ max: 500 })
  return {
    gateway,
    apiSchema,
    supergraphSchema: internals.schema.toGraphQLJSSchema(),
    internals,
    plan(document, source, operationName) {
      const key = `${operationName ?? ''}\n${source}`
      const known = plans.get(key)
      if (known !== undefined) return known
      const operation = operationFromDocument(
        internals.apiSchema(),
        document,
        operationName ? { operationName } : {},
      )
      const plan = planner.buildQueryPlan(operation)
      plans.set(key, plan)
      return plan
    },
  }
}

/** Apollo tells its own story at info; ours is enough. */
function quiet(logger: Logger): Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> {
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
  }
}
