import type { RoomRequest } from '#shared/room.ts'
import type { Caller } from '../caller.ts'
import { quote } from './json-text.ts'

/** A room's operation as a plan has it: all of a request that is the same each time. */
export interface RoomOperation {
  query: string
  operationName: string | undefined
  /** The request's JSON text up to its variables. */
  head: string
}

/** A request to a room. Its text is made once: it is what travels, and what tells whether two calls are the same. */
export interface RoomCall extends RoomRequest {
  caller: Caller
  /** Query, operation name and variables as JSON text. */
  body: string
}

export function roomOperation(query: string, operationName: string | undefined): RoomOperation {
  const name = operationName === undefined ? '' : `,"operationName":${quote(operationName)}`
  return { query, operationName, head: `{"query":${quote(query)}${name}` }
}

/** Calls an operation with `variables` as JSON text of an object. They become values only for a room that is in this process. */
export function createRoomCall(
  { query, operationName, head }: RoomOperation,
  variables: string | undefined,
  caller: Caller,
  signal: AbortSignal | undefined,
): RoomCall {
  return {
    query,
    operationName,
    get variables() {
      return variables === undefined ? undefined : (JSON.parse(variables) as Record<string, unknown>)
    },
    body: variables === undefined ? `${head}}` : `${head},"variables":${variables}}`,
    caller,
    identity: caller.identity,
    headers: caller.headers,
    signal,
  }
}
