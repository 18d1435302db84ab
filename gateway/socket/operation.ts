import { MessageType } from 'graphql-ws'
import type { Client } from '../subscribe/execution.ts'
import { createLane, type Lane, type Outlet } from '../subscribe/outlet.ts'

export interface OperationOptions {
  id: string
  outlet: Outlet
  /** The id is free again. */
  onEnd(): void
  /** The client reads too slowly. */
  cutOff(): void
}

/** One operation of a socket, in messages of graphql-transport-ws. */
export function createOperationClient({
  id,
  outlet,
  onEnd,
  cutOff,
}: OperationOptions): Client & { lane: Lane } {
  const lane = createLane()
  const named = `{"id":${JSON.stringify(id)},"type":`
  // A message is this and the result, which is one text for all who get the same.
  const next = `${named}"${MessageType.Next}","payload":`
  const end = (last: string): void => {
    outlet.send(lane, last)
    onEnd()
  }
  return {
    lane,
    next: (result) => outlet.send(lane, `${next}${result}}`),
    complete: () => end(`${named}"${MessageType.Complete}"}`),
    refuse: (errors) => end(`${named}"${MessageType.Error}","payload":${JSON.stringify(errors)}}`),
    isReady: outlet.isReady,
    cutOff,
  }
}
