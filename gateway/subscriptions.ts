import { type ExecutionResult, GraphQLError, type GraphQLFormattedError, Kind } from 'graphql'
import type { Logger } from 'pino'
import { AppError } from '#shared/errors.ts'
import type { RoomResponse } from '#shared/room.ts'
import { mapStream } from '#shared/streams.ts'
import type { Caller } from './caller.ts'
import type { Accepted } from './engine.ts'
import { toGraphQLError } from './formatted-error.ts'
import type { Graphs } from './graphs.ts'
import { maskAtDoor } from './masking.ts'

/** Runs federated subscriptions: the owner's stream, and for each event the fields of the other rooms. */
export interface Subscriptions {
  subscribe(
    accepted: Accepted,
    caller: Caller,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>
}

export function createSubscriptions(graphs: Graphs, logger: Logger): Subscriptions {
  return {
    async subscribe({ operation, variables }, caller) {
      const { primary, definition } = operation
      const [field, ...others] = definition.selectionSet.selections
      // The planner would accept two root fields, of which one stream could only ever carry one.
      if (primary === null || others.length > 0 || field?.kind !== Kind.FIELD) {
        throw new AppError('GRAPHQL_VALIDATION_FAILED', 'A subscription has exactly one root field')
      }
      const room = graphs.current.rooms.get(primary.room)
      if (room === undefined) throw new AppError('UNAVAILABLE', `The ${primary.room} room is away`)

      const usages = new Set(primary.variableUsages)
      const own = Object.fromEntries(Object.entries(variables).filter(([name]) => usages.has(name)))
      const stream = await room.subscribe({
        query: primary.operation,
        operationName: primary.operationName,
        variables: own,
        identity: caller.identity,
        headers: caller.headers,
      })
      if (!(Symbol.asyncIterator in stream)) return { errors: (stream.errors ?? []).map(toGraphQLError) }
      const events = untilFailure(stream, (error) => ({ errors: [maskFailure(error, logger)] }))
      return mapStream(events, async (event) => {
        if ('errors' in event && event.data === undefined)
          return { errors: (event.errors ?? []).map(toGraphQLError) }
        const { data, errors } = await operation.resolveEvent(event, { variables, caller })
        const masked = errors.map((error) => toGraphQLError(maskAtDoor(error, error, logger)))
        return { data: data === null ? null : JSON.parse(data), ...(masked.length > 0 && { errors: masked }) }
      })
    },
  }
}

/** A stream that fails costs its own subscription one coded error; unheard, it would close the socket and all that is on it. */
function untilFailure(
  stream: AsyncIterableIterator<RoomResponse>,
  toResponse: (error: unknown) => RoomResponse,
): AsyncIterableIterator<RoomResponse> {
  let hasFailed = false
  return {
    async next() {
      if (hasFailed) return { done: true, value: undefined }
      try {
        return await stream.next()
      } catch (error) {
        hasFailed = true
        return { done: false, value: toResponse(error) }
      }
    },
    async return() {
      await stream.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function maskFailure(error: unknown, logger: Logger): GraphQLFormattedError {
  const fault =
    error instanceof GraphQLError ? error : new GraphQLError('Unexpected', { originalError: error as Error })
  return maskAtDoor(fault.toJSON(), error, logger)
}
