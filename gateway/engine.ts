import { GraphQLError, type GraphQLFormattedError, getVariableValues } from 'graphql'
import type { Logger } from 'pino'
import { AppError } from '#shared/errors.ts'
import type { StopSignal } from '#shared/room.ts'
import type { Caching } from './caching/caching.ts'
import type { Caller } from './caller.ts'
import type { GraphqlRequest } from './graphql-request.ts'
import type { Graph, Graphs } from './graphs.ts'
import { enforceVariableLimits, type Limits } from './limits.ts'
import { hideSchema, maskAtDoor } from './masking.ts'
import type { ReadyOperation, ValidOperation } from './operations.ts'
import { createPatience } from './patience.ts'
import type { PersistedQueries } from './persisted-queries.ts'
import { PlanningGivenUp } from './planning/timed-planner.ts'
import type { RateLimit } from './rate-limit/rate-limit.ts'
import { doorRequests } from './telemetry.ts'
import type { Trace } from './trace.ts'

/** What goes back to a client, over whichever transport. `data` is JSON text; undefined when nothing was executed. */
export interface EngineAnswer {
  data: string | null | undefined
  errors: readonly GraphQLFormattedError[]
  /** For how long (seconds) and whom others may keep it as well, counted from `madeAt` (epoch, milliseconds); null for not at all. */
  policy: { maxAge: number; scope: 'PUBLIC' | 'PRIVATE' } | null
  madeAt: number
  /** As it goes out, once somebody has sent it: made once, however many have the same answer. */
  bytes?: Buffer
}

/** An operation with variables that fit it: what a subscription needs before its stream is opened. */
export interface Accepted {
  /** Where it was prepared. */
  graph: Graph
  operation: ReadyOperation
  variables: Record<string, unknown>
}

/** From a request to its answer; the only way in for HTTP and sockets, so no rule holds on one of them alone. */
export interface Engine {
  /** Charges the caller for the request. Rejects with a GraphQLError with a code of the contract when it is refused. */
  accept(request: GraphqlRequest, caller: Caller): Promise<Accepted>
  /**
   * Runs a query or a mutation. Never rejects: a refusal is an answer without data. The answer is only to be read: where
   * answers are shared or kept, several requests have the same one.
   */
  answer(accepting: Promise<Accepted>, caller: Caller, options?: AnswerOptions): Promise<EngineAnswer>
  mask(error: unknown): GraphQLFormattedError
}

export interface AnswerOptions {
  /** By a method that may only read: mutations are refused. */
  isReadOnly?: boolean
  /** Asked now and then: whether nobody reads the answer any more. */
  hasLeft?: (() => boolean) | undefined
  /** Where to tell what it took. */
  trace?: Trace | undefined
}

export interface EngineOptions {
  graphs: Graphs
  persisted: PersistedQueries
  caching: Caching<EngineAnswer>
  limits: Limits
  rateLimit: RateLimit
  /** A request is answered by then, with whatever there is. */
  timeoutMs: number
  logger: Logger
}

export function createEngine(options: EngineOptions): Engine {
  const { graphs, persisted, caching, limits, rateLimit, logger } = options
  const patience = createPatience(options.timeoutMs)

  const mask = (error: unknown): GraphQLFormattedError => {
    const fault =
      error instanceof GraphQLError
        ? error
        : new GraphQLError('Unexpected', { originalError: error as Error })
    return maskAtDoor(fault.toJSON(), error, logger)
  }

  return {
    async accept(request, caller) {
      await rateLimit.admit(caller)
      enforceVariableLimits(request.variables, limits)
      const graph = graphs.current
      const valid = graph.operations.read(persisted.resolve(request), request.operationName)
      const variables = coerceVariables(valid, request.variables)
      await rateLimit.charge(caller, valid.costOf(variables), valid.guess)
      try {
        return { graph, operation: graph.operations.prepare(valid, caller.rights), variables }
      } catch (error) {
        if (error instanceof PlanningGivenUp) await rateLimit.fine(caller)
        throw error
      }
    },

    mask,

    async answer(accepting, caller, { isReadOnly = false, hasLeft, trace } = {}) {
      const end = doorRequests.startTimer()
      let kind = 'none'
      try {
        const { operation, variables } = await accepting
        kind = operation.kind
        if (kind === 'subscription')
          throw new AppError('BAD_USER_INPUT', 'Subscribe over a WebSocket or an event stream')
        if (isReadOnly && kind !== 'query') throw new MutationByGet()
        if (trace && operation.preparedAt >= trace.beganAt) trace.plan = 'made'
        // What a mutation has begun it ends, heard or not.
        const signal = patience.begin(kind === 'query' ? hasLeft : undefined)
        const execute = async (signal: StopSignal): Promise<EngineAnswer> => {
          const { data, errors } = await operation.execute({ variables, caller, signal, trace })
          return {
            data,
            errors: errors.map((error) => maskAtDoor(error, causeOf(error), logger)),
            policy: errors.length === 0 ? policyFor(caller, operation) : null,
            madeAt: Date.now(),
          }
        }
        const answer = await patience.bound(
          kind === 'query'
            ? caching.answers.give({ operation, variables, caller, signal, trace }, execute)
            : execute(signal).finally(() => caching.seal(caller)),
        )
        end({ operation: kind, outcome: answer.errors.length > 0 ? 'error' : 'ok' })
        return answer
      } catch (error) {
        end({ operation: kind, outcome: 'refused' })
        if (error instanceof MutationByGet) throw error
        return { data: undefined, errors: [mask(error)], policy: null, madeAt: Date.now() }
      }
    },
  }
}

/** The variables as the operation's types have them, defaults filled in; BAD_USER_INPUT where one does not fit. */
export function coerceVariables(
  { schema, definition, hidesSchema }: ValidOperation,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const values = getVariableValues(schema, definition.variableDefinitions ?? [], given, { maxErrors: 10 })
  if (values.errors === undefined) return values.coerced
  const [fault = new GraphQLError('A variable does not fit')] = values.errors
  throw new AppError('BAD_USER_INPUT', hidesSchema ? hideSchema(fault) : fault.message)
}

/** A GET changes nothing: HTTP has its own status for that. */
export class MutationByGet extends AppError {
  constructor() {
    super('BAD_USER_INPUT', 'A mutation goes by POST')
  }
}

/** What a caller's country or headers change is public only among those who share them: nobody outside can tell who does. */
function policyFor({ view }: Caller, { cachePolicy }: ReadyOperation): EngineAnswer['policy'] {
  const { maxAge, scope } = cachePolicy
  return maxAge === 0 ? null : { maxAge, scope: view === '' ? scope : 'PRIVATE' }
}

/** What the log is told of an error that the executor reports. */
export function causeOf(error: GraphQLFormattedError): unknown {
  return 'cause' in error && error.cause !== undefined ? error.cause : error
}
