import { GraphQLError, type GraphQLFormattedError, getVariableValues } from 'graphql'
import type { Logger } from 'pino'
import { AppError } from '#shared/errors.ts'
import type { Caller } from './caller.ts'
import type { GraphqlRequest } from './graphql-request.ts'
import type { Graphs } from './graphs.ts'
import { maskAtDoor } from './masking.ts'
import type { ReadyOperation } from './operations.ts'
import type { PersistedQueries } from './persisted-queries.ts'
import { doorRequests } from './telemetry.ts'

/** What goes back to a client, over whichever transport. `data` is JSON text; undefined when nothing was executed. */
export interface EngineAnswer {
  data: string | null | undefined
  errors: readonly GraphQLFormattedError[]
}

/** An operation with variables that fit it: what a subscription needs before its stream is opened. */
export interface Accepted {
  operation: ReadyOperation
  variables: Record<string, unknown>
}

/** From a request to its answer; the only way in for HTTP and sockets, so no rule holds on one of them alone. */
export interface Engine {
  /** Throws a GraphQLError with a code of the contract when the request is refused before anything runs. */
  accept(request: GraphqlRequest): Accepted
  /** Runs a query or a mutation. Never rejects: a refusal is an answer without data. */
  answer(request: GraphqlRequest, caller: Caller, options?: { isReadOnly?: boolean }): Promise<EngineAnswer>
  mask(error: unknown): GraphQLFormattedError
}

export function createEngine(graphs: Graphs, persisted: PersistedQueries, logger: Logger): Engine {
  const accept = (request: GraphqlRequest): Accepted => {
    const { operations, spend } = graphs.current
    const operation = operations.ready(persisted.resolve(request), request.operationName)
    const definitions = operation.definition.variableDefinitions ?? []
    const values = getVariableValues(operation.schema, definitions, request.variables, { maxErrors: 10 })
    if (values.errors !== undefined)
      throw new AppError('BAD_USER_INPUT', values.errors[0]?.message ?? 'A variable does not fit')
    spend(operation.definition, operation.fragments, values.coerced)
    return { operation, variables: values.coerced }
  }

  const mask = (error: unknown): GraphQLFormattedError => {
    const fault =
      error instanceof GraphQLError
        ? error
        : new GraphQLError('Unexpected', { originalError: error as Error })
    return maskAtDoor(fault.toJSON(), error, logger)
  }

  return {
    accept,
    mask,
    async answer(request, caller, { isReadOnly = false } = {}) {
      const end = doorRequests.startTimer()
      let kind = 'none'
      try {
        const { operation, variables } = accept(request)
        kind = operation.kind
        if (kind === 'subscription') throw new AppError('BAD_USER_INPUT', 'Subscribe over the WebSocket')
        if (isReadOnly && kind !== 'query') throw new MutationByGet()
        const { data, errors } = await operation.execute({ variables, caller })
        end({ operation: kind, outcome: errors.length > 0 ? 'error' : 'ok' })
        return { data, errors: errors.map((error) => maskAtDoor(error, causeOf(error), logger)) }
      } catch (error) {
        end({ operation: kind, outcome: 'refused' })
        if (error instanceof MutationByGet) throw error
        return { data: undefined, errors: [mask(error)] }
      }
    },
  }
}

/** A GET changes nothing: HTTP has its own status for that. */
export class MutationByGet extends AppError {
  constructor() {
    super('BAD_USER_INPUT', 'A mutation goes by POST')
  }
}

function causeOf(error: GraphQLFormattedError): unknown {
  return 'cause' in error && error.cause !== undefined ? error.cause : error
}
