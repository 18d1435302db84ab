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
  readonly #named: string
  readonly #next: string
  readonly #options: OperationOptions

  constructor(options: OperationOptions) {
    this.#options = options
    this.#outlet = options.outlet
    this.#named = `{"id":${asciiJson(options.id)},"type":`
    this.#next = `${this.#named}"${MessageType.Next}","payload":`
  }

  next(result: string): void {
    this.#outlet.send(this, this.#next, result, '}')
  }

  complete(): void {
    this.#end(MessageType.Complete, '')
  }

  refuse(errors: readonly GraphQLFormattedError[]): void {
    this.#end(MessageType.Error, `,"payload":${JSON.stringify(errors)}`)
  }

  isReady(): boolean {
    return this.#outlet.isReady()
  }

  cutOff(): void {
    this.#options.cutOff()
  }

  #end(type: MessageType, payload: string): void {
    this.#outlet.send(this, `${this.#named}"${type}"`, payload, '}')
    this.#options.onEnd()
  }
}

function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
