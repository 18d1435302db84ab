import { operationFromDocument, type Schema } from '@apollo/federation-internals'
import { ApolloGateway } from '@apollo/gateway'
import type { QueryPlanner } from '@apollo/query-planner'
import type { DocumentNode, GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import { createExecutor, type PreparedOperation } from './execute/executor.ts'
import type { CallRoom } from './execute/run.ts'

/** The composed graph: @apollo/gateway loads and plans it, the executor is ours. */
export interface LoadedSupergraph {
  /** What clients see. */
  apiSchema: GraphQLSchema
  /** Plans and compiles a valid operation. Planning is synchronous: whoever calls this remembers the outcome. */
  prepare(document: DocumentNode, operationName: string | undefined): PreparedOperation
}

export async function loadSupergraph(sdl: string, call: CallRoom, logger: Logger): Promise<LoadedSupergraph> {
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    logger: quiet(logger),
    buildService: () => ({
      process: () => Promise.reject(new Error('Rooms are called by our own executor')),
    }),
  })
  await gateway.load({ apollo: {} })
  const { planner, api, supergraphSchema } = insidesOf(gateway)
  const apiSchema = api.toGraphQLJSSchema()
  const executor = createExecutor({ apiSchema, supergraphSchema }, call)
  return {
    apiSchema,
    prepare(document, operationName) {
      const operation = operationFromDocument(api, document, operationName ? { operationName } : {})
      return executor.compile(planner.buildQueryPlan(operation), document, operationName)
    },
  }
}

interface Insides {
  planner: QueryPlanner
  api: Schema
  supergraphSchema: GraphQLSchema
}

/** The gateway plans within its own executor only, so its planner is taken from inside: the one place that knows how. */
function insidesOf(gateway: ApolloGateway): Insides {
  const planner = gateway['queryPlanner']
  const api = gateway['apiSchema']
  const supergraphSchema = gateway['supergraphSchema']
  if (planner === undefined || api === undefined || supergraphSchema === undefined) {
    throw new Error('The supergraph was not loaded')
  }
  return { planner, api, supergraphSchema }
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
