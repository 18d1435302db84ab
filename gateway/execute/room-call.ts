import type { OperationTypeNode } from 'graphql'
import type { RoomRequest, StopSignal } from '#shared/room.ts'
import type { Caller } from '../caller.ts'
import type { CallTrace } from '../trace.ts'
import { quote } from './json-text.ts'

/** A room's operation as a plan has it: all of a request that is the same each time. */
export interface RoomOperation {
  query: string
  operationName: string | undefined
  /** The request's JSON text up to its variables. */
  head: string
}

/** Entities asked for under one name, by the JSON text of what identifies each. */
export interface Batch {
  field: string
  variable: string
  representations: readonly string[]
}

/** On what occasion a room is called. */
export interface Occasion {
  caller: Caller
  /** What the client asked for: what follows a mutation or an event has to be as new as that. */
  kind: `${OperationTypeNode}`
  /** Aborted when nobody waits for the answer any more. */
  signal: StopSignal | undefined
  trace: CallTrace | undefined
}

/** A request to a room. Its text is made once: it is what travels, and what tells whether two calls are the same. */
export interface RoomCall extends Omit<RoomRequest, 'signal'>, Occasion {
  operation: RoomOperation
  /** The client's variables in it: members of a JSON object, as text. */
  members: string
  /** Its entities; none where it asks for root fields. */
  batches: readonly Batch[]
  /** Query, operation name and variables as JSON text. */
  body: string
}

export function roomOperation(query: string, operationName: string | undefined): RoomOperation {
  const name = operationName === undefined ? '' : `,"operationName":${quote(operationName)}`
  return { query, operationName, head: `{"query":${quote(query)}${name}` }
}

/** Its variables become values only for a room that is in this process. */
export function createRoomCall(
  operation: RoomOperation,
  members: string,
  batches: readonly Batch[],
  { caller, kind, signal, trace }: Occasion,
): RoomCall {
  let variables = members
  for (const { variable, representations } of batches) {
    variables += `${variables === '' ? '' : ','}"${variable}":[${representations.join()}]`
  }
  return {
    operation,
    query: operation.query,
    operationName: operation.operationName,
    members,
    batches,
    get variables() {
      return variables === '' ? undefined : (JSON.parse(`{${variables}}`) as Record<string, unknown>)
    },
    body: variables === '' ? `${operation.head}}` : `${operation.head},"variables":{${variables}}}`,
    caller,
    identity: caller.identity,
    headers: caller.headers,
    kind,
    signal,
    trace,
  }
}
