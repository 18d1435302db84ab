import { operationFromDocument, type Schema, Supergraph } from '@apollo/federation-internals'
import { ApolloGateway } from '@apollo/gateway'
import type { QueryPlanner } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { Planner } from './planner.ts'
import { createMending } from './planning/mending.ts'

/** Alternatives that are worked out to choose the best of: Apollo's 10,000 take seconds, and were never better than a few dozen. */
const MOST_PLANS = 100

/** @apollo/gateway's planner. The gateway loads the supergraph and is not asked to execute anything. */
export async function createApolloPlanner(supergraphSdl: string, logger: Logger): Promise<Planner> {
  const { sdl, hasStandIns, mend } = createMending(supergraphSdl)
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    logger: quiet(logger),
    queryPlannerConfig: { debug: { maxEvaluatedPlans: MOST_PLANS } },
    buildService: () => ({
      process: () => Promise.reject(new Error('Rooms are called by our own executor')),
    }),
  })
  await gateway.load({ apollo: {} })
  const { planner, api, supergraphSchema } = insidesOf(gateway)
  const clientApi = hasStandIns ? Supergraph.build(supergraphSdl).apiSchema() : api
  const apiSchema = clientApi.toGraphQLJSSchema()
  const plan: Planner['plan'] = (document, operationName) =>
    planner.buildQueryPlan(operationFromDocument(api, document, operationName ? { operationName } : {}))
  return { apiSchema, supergraphSchema, plan: mend(plan, apiSchema) }
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
