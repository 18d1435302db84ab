import type { GraphQLFormattedError } from 'graphql'
import { MessageType } from 'graphql-ws'
import type { Client } from '../subscribe/execution.ts'
import type { Lane, Outlet } from '../subscribe/outlet.ts'

export interface OperationOptions {
  id: string
  outlet: Outlet
  /** The id is free again. */
  onEnd(): void
  /** The client reads too slowly. */
  cutOff(): void
}

/** One operation of a socket, in messages of graphql-transport-ws. A class as the outlet is one. */
export class SocketOperation implements Client, Lane {
  waiting = 0
  isClosed = false
  readonly #outlet: Outlet
  /** A message is this and the result, which is one text for all who get the same. */
  readonly #next: string
  readonly #named: string
  readonly #options: OperationOptions

  constructor(options: OperationOptions) {
    this.#options = options
    this.#outlet = options.outlet
    this.#named = `{"id":${JSON.stringify(options.id)},"type":`
    this.#next = `${this.#named}"${MessageType.Next}","payload":`
  }

  next(result: string): void {
    this.#outlet.send(this, `${this.#next}${result}}`)
  }

  complete(): void {
    this.#end(`${this.#named}"${MessageType.Complete}"}`)
  }

  refuse(errors: readonly GraphQLFormattedError[]): void {
    this.#end(`${this.#named}"${MessageType.Error}","payload":${JSON.stringify(errors)}}`)
  }

  isReady(): boolean {
    return this.#outlet.isReady()
  }

  cutOff(): void {
    this.#options.cutOff()
  }

  #end(last: string): void {
    this.#outlet.send(this, last)
    this.#options.onEnd()
  }
}
