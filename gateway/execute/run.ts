import type { RoomRequest, RoomResponse } from '#shared/room.ts'
import type { Caller } from '../caller.ts'
import { type Fault, faultOfCall, MAX_FAULTS, type ResponsePath } from './fault.ts'
import type { Tree } from './tree.ts'

export interface RoomCall extends Omit<RoomRequest, 'identity' | 'headers'> {
  caller: Caller
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal | undefined
}

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
  readonly signal: AbortSignal | undefined
  readonly isTrue: (variable: string) => boolean
  readonly call: CallRoom
  readonly faults: Fault[]
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
  request: {
    query: string
    operationName: string | undefined
    variables: Record<string, unknown> | undefined
  },
  adopt: (answer: RoomAnswer) => void,
  locate: () => ResponsePath,
): Promise<void> {
  try {
    run.signal?.throwIfAborted()
    adopt(await run.call(room, { ...request, caller: run.caller, signal: run.signal }))
  } catch (error) {
    report(run, faultOfCall(error, room, locate()))
  }
}

/** The client's variables that a fetch uses, as the client gave them. */
export function pickVariables(
  run: Run,
  usages: readonly string[] | undefined,
): Record<string, unknown> | undefined {
  if (usages === undefined || usages.length === 0) return undefined
  const given = usages.filter((name) => Object.hasOwn(run.variables, name))
  return Object.fromEntries(
    given.map((name) => [name, run.variables[name]]).filter(([, value]) => value !== undefined),
  )
}
