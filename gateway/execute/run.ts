import type { OperationTypeNode } from 'graphql'
import type { RoomResponse, StopSignal } from '#shared/room.ts'
import type { Caller } from '../caller.ts'
import type { Trace } from '../trace.ts'
import { type Fault, faultOfCall, MAX_FAULTS, type ResponsePath } from './fault.ts'
import { quote, toJson } from './json-text.ts'
import { type Batch, RoomCall, type RoomOperation } from './room-call.ts'
import type { Tree } from './tree.ts'

export interface RoomAnswer extends RoomResponse {
  /** Set by whoever hands the same answer to several requests: it is then only read, and what is written to is copied. */
  isShared?: boolean | undefined
}

export type CallRoom = (room: string, call: RoomCall) => Promise<RoomAnswer>

/** One execution of a plan. */
export interface Run {
  readonly root: Tree
  readonly variables: Readonly<Record<string, unknown>>
  readonly caller: Caller
  readonly kind: `${OperationTypeNode}`
  readonly signal: StopSignal | undefined
  readonly isTrue: (variable: string) => boolean
  readonly call: CallRoom
  readonly faults: Fault[]
  /** Only where the client asks for it. */
  readonly trace: Trace | undefined
}

/** Does its part of a plan. What fails is told in `run.faults`; it never rejects. Undefined when it is done at once. */
export type Act = (run: Run) => Promise<void> | undefined

export function report(run: Run, fault: Fault): void {
  if (run.faults.length < MAX_FAULTS) run.faults.push(fault)
}

/**
 * Asks a room and gives its answer to `adopt`. A room that throws or answers what `adopt` cannot read costs one error, which is
 * placed by `locate`.
 */
export async function ask(
  run: Run,
  room: string,
  operation: RoomOperation,
  members: string,
  batches: readonly Batch[],
  adopt: (answer: RoomAnswer) => void,
  locate: () => ResponsePath,
): Promise<void> {
  const trace = run.trace?.call(
    room,
    batches.reduce((sum, { representations }) => sum + representations.length, 0),
  )
  try {
    if (run.signal?.aborted) throw run.signal.reason
    const { caller, kind, signal } = run
    const call = new RoomCall(operation, members, batches, { caller, kind, signal, trace })
    adopt(await run.call(room, call))
  } catch (error) {
    if (trace) trace.hasFailed = true
    report(run, faultOfCall(error, room, locate()))
  } finally {
    trace?.end()
  }
}

/** The client's variables that a fetch uses, as the client gave them: members of a JSON object; empty when there are none. */
export function membersText({ variables }: Run, usages: readonly string[]): string {
  let text = ''
  for (const name of usages) {
    const value = Object.hasOwn(variables, name) ? toJson(variables[name]) : undefined
    if (value !== undefined) text += `${text === '' ? '' : ','}${quote(name)}:${value}`
  }
  return text
}
