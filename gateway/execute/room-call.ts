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

/**
 * A request to a room. Its text is made once: it is what travels, and what tells whether two calls are the same. A class, for as
 * an object literal its getters would cost more than all the rest of it.
 */
export class RoomCall implements RoomRequest, Occasion {
  readonly operation: RoomOperation
  readonly query: string
  readonly operationName: string | undefined
  /** The client's variables in it: members of a JSON object, as text. */
  readonly members: string
  /** Its entities; none where it asks for root fields. */
  readonly batches: readonly Batch[]
  readonly caller: Caller
  readonly identity: Caller['identity']
  readonly headers: Caller['headers']
  readonly kind: Occasion['kind']
  signal: StopSignal | undefined
  readonly trace: CallTrace | undefined
  dueAt: number | undefined
  #variables: string | undefined

  constructor(operation: RoomOperation, members: string, batches: readonly Batch[], occasion: Occasion) {
    this.operation = operation
    this.query = operation.query
    this.operationName = operation.operationName
    this.members = members
    this.batches = batches
    this.caller = occasion.caller
    this.identity = occasion.caller.identity
    this.headers = occasion.caller.headers
    this.kind = occasion.kind
    this.signal = occasion.signal
    this.trace = occasion.trace
  }

  /** All its variables: members of a JSON object, as text; empty where it has none. */
  get variablesText(): string {
    if (this.#variables === undefined) {
      let text = this.members
      for (const { variable, representations } of this.batches) {
        text += `${text === '' ? '' : ','}"${variable}":[${representations.join()}]`
      }
      this.#variables = text
    }
    return this.#variables
  }

  /** They become values only for a room that is in this process. */
  get variables(): Record<string, unknown> | undefined {
    return this.variablesText === ''
      ? undefined
      : (JSON.parse(`{${this.variablesText}}`) as Record<string, unknown>)
  }

  /** Query, operation name and variables as JSON text. */
  get body(): string {
    const { head } = this.operation
    return this.variablesText === '' ? `${head}}` : `${head},"variables":{${this.variablesText}}}`
  }
}

export function roomOperation(query: string, operationName: string | undefined): RoomOperation {
  const name = operationName === undefined ? '' : `,"operationName":${quote(operationName)}`
  return { query, operationName, head: `{"query":${quote(query)}${name}` }
}
