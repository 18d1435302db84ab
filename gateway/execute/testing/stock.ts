import { operationFromDocument } from '@apollo/federation-internals'
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js'
import { buildOperationContext } from '@apollo/gateway/dist/operationContext.js'
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner'
import { type DocumentNode, type GraphQLFormattedError, getOperationAST } from 'graphql'
import type { RoomResponse } from '#shared/room.ts'
import type { Graph } from './graphs.ts'

export interface StockAnswer {
  data: unknown
  errors: readonly GraphQLFormattedError[]
}

export type AskRoom = (
  room: string,
  request: { query: string; variables?: Record<string, unknown> | undefined },
) => Promise<RoomResponse>

/** Plans, and executes as @apollo/gateway does: what our executor is measured against. */
export interface Stock {
  plan(document: DocumentNode): QueryPlan
  execute(
    plan: QueryPlan,
    document: DocumentNode,
    variables: Record<string, unknown>,
    ask: AskRoom,
  ): Promise<StockAnswer>
  /** Does both. What is thrown is the answer's one error. */
  answer(document: DocumentNode, variables: Record<string, unknown>, ask: AskRoom): Promise<StockAnswer>
}

export function createStock(graph: Graph): Stock {
  const planner = new QueryPlanner(graph.internals)
  const api = graph.internals.apiSchema()
  const stock: Stock = {
    plan(document) {
      const operationName = getOperationAST(document)?.name?.value
      return planner.buildQueryPlan(
        operationFromDocument(api, document, operationName ? { operationName } : {}),
      )
    },
    async execute(plan, document, variables, ask) {
      const sources = Object.fromEntries(
        [...graph.rooms.keys()].map((room) => [
          room,
          {
            process: ({ request }: { request: { query?: string; variables?: Record<string, unknown> } }) =>
              ask(room, { query: request.query ?? '', variables: request.variables }),
          },
        ]),
      )
      const requestContext = { request: { variables }, context: {}, metrics: {} }
      const operationContext = buildOperationContext({ schema: graph.apiSchema, operationDocument: document })
      const { data, errors = [] } = await executeQueryPlan(
        plan,
        sources as unknown as Parameters<typeof executeQueryPlan>[1],
        requestContext as unknown as Parameters<typeof executeQueryPlan>[2],
        operationContext,
        graph.supergraphSchema,
        api,
      )
      return {
        data: JSON.parse(JSON.stringify(data ?? null)),
        errors: errors.map((error) => JSON.parse(JSON.stringify(error)) as GraphQLFormattedError),
      }
    },
    async answer(document, variables, ask) {
      try {
        return await stock.execute(stock.plan(document), document, variables, ask)
      } catch (error) {
        return { data: null, errors: [{ message: String(error) }] }
      }
    },
  }
  return stock
}
