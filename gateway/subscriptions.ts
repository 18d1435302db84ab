import type { GraphQLDataSource } from '@apollo/gateway'
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js'
import { buildOperationContext } from '@apollo/gateway/dist/operationContext.js'
import type { QueryPlan, SubscriptionNode } from '@apollo/query-planner'
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  Kind,
} from 'graphql'
import type { Logger } from 'pino'
import { AppError } from '#shared/errors.ts'
import type { Identity } from '#shared/identity.ts'
import type { Room, RoomResponse } from '#shared/room.ts'
import { mapStream } from '#shared/streams.ts'
import type { DoorContext } from './data-source.ts'
import { maskAtDoor } from './masking.ts'
import type { DataSources, LoadedSupergraph } from './supergraph.ts'

export interface SubscriptionRequest {
  document: DocumentNode
  /** The document's text: the key of its plan. */
  source: string
  variables: Record<string, unknown>
  operationName: string | undefined
  identity: Identity
}

/** Executes federated subscriptions: the owner's stream, and for each event the fields of the other rooms. */
export interface Subscriptions {
  subscribe(request: SubscriptionRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>
}

export function createSubscriptions(
  supergraph: LoadedSupergraph,
  rooms: ReadonlyMap<string, Room>,
  sources: DataSources,
  logger: Logger,
): Subscriptions {
  return {
    async subscribe(request) {
      const { document, source, variables, operationName, identity } = request
      const operation = getOperationAST(document, operationName)
      const fields = operation?.selectionSet.selections ?? []
      // The planner would accept two root fields, of which one stream could only ever carry one.
      if (fields.length !== 1 || fields[0]?.kind !== Kind.FIELD) {
        throw new AppError('GRAPHQL_VALIDATION_FAILED', 'A subscription has exactly one root field')
      }
      const { node } = supergraph.plan(document, source, operationName)
      if (node?.kind !== 'Subscription') throw new AppError('BAD_USER_INPUT', 'This is not a subscription')
      const room = rooms.get(node.primary.serviceName)
      if (room === undefined)
        throw new AppError('UNAVAILABLE', `The ${node.primary.serviceName} room is away`)

      const usages = new Set(node.primary.variableUsages)
      const own = Object.fromEntries(Object.entries(variables).filter(([name]) => usages.has(name)))
      const stream = await room.subscribe({ query: node.primary.operation, variables: own, identity })
      if (!(Symbol.asyncIterator in stream)) return { errors: (stream.errors ?? []).map(toGraphQLError) }
      const operationContext = buildOperationContext({
        schema: supergraph.apiSchema,
        operationDocument: document,
        ...(operationName !== undefined && { operationName }),
      })
      return mapStream(stream, (event) => resolveEvent(node, event, request, operationContext))
    },
  }

  /** The rest of the plan over one event, by Apollo's executor, as the subscriber. */
  async function resolveEvent(
    { primary, rest }: SubscriptionNode,
    event: RoomResponse,
    { source, variables, identity }: SubscriptionRequest,
    operationContext: ReturnType<typeof buildOperationContext>,
  ): Promise<ExecutionResult> {
    const plan: QueryPlan = {
      kind: 'QueryPlan',
      node: { kind: 'Sequence', nodes: rest ? [primary, rest] : [primary] },
    }
    const context: DoorContext = { identity }
    // The parts of Apollo's request context that its executor reads.
    const requestContext = { request: { query: source, variables }, context, metrics: {}, logger }
    const { data, errors } = await executeQueryPlan(
      plan,
      { ...sources, [primary.serviceName]: answerFirst(event, sources[primary.serviceName]) },
      requestContext as unknown as Parameters<typeof executeQueryPlan>[2],
      operationContext,
      supergraph.supergraphSchema,
      supergraph.internals.apiSchema(),
    )
    const masked = errors?.map((error) => toGraphQLError(maskAtDoor(error.toJSON(), error, logger)))
    return { data: data ?? null, ...(masked && { errors: masked }) }
  }
}

/** Stands before the owner's data source: its first call, the primary fetch, is answered by the event itself. */
function answerFirst(
  event: RoomResponse,
  source: GraphQLDataSource<DoorContext> | undefined,
): GraphQLDataSource<DoorContext> {
  let isAnswered = false
  return {
    async process(options) {
      if (isAnswered && source !== undefined) return source.process(options)
      isAnswered = true
      return { data: event.data ?? null, ...(event.errors && { errors: [...event.errors] }) }
    },
  }
}

function toGraphQLError({ message, path, extensions }: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(message, { ...(path && { path }), ...(extensions && { extensions }) })
}
