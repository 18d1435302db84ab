import type { FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws'
import type { Transport } from '../outbox.ts'

/** One operation that a client has started, for the test to answer. */
export interface Started {
  query: string
  variables: Record<string, unknown>
  /** As graphql-ws does when it has reconnected: the request is sent again. */
  resend(): Record<string, unknown>
  next(result: object): void
  error(reason: unknown): void
  complete(): void
  hasLeft: boolean
}

/** A transport that says what the test tells it to. */
export function createScriptedTransport(): Transport & { started: Started[] } {
  const started: Started[] = []
  return {
    started,
    subscribe<Data, Extensions>(
      payload: SubscribePayload,
      sink: Sink<FormattedExecutionResult<Data, Extensions>>,
    ) {
      const send = (): Record<string, unknown> =>
        (JSON.parse(JSON.stringify(payload)) as { variables: Record<string, unknown> }).variables
      const operation: Started = {
        query: payload.query,
        variables: send(),
        resend: send,
        next: (result) => sink.next(result as FormattedExecutionResult<Data, Extensions>),
        error: (reason) => sink.error(reason),
        complete: () => sink.complete(),
        hasLeft: false,
      }
      started.push(operation)
      return () => {
        operation.hasLeft = true
        sink.complete()
      }
    },
  }
}
