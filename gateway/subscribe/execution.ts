import type { GraphQLFormattedError } from 'graphql'
import type { Caller } from '../caller.ts'
import type { Engine } from '../engine.ts'
import { printAnswer } from '../graphql-answer.ts'
import type { GraphqlRequest } from '../graphql-request.ts'
import type { Subscriber } from './subscriber.ts'
import type { Subscription, Subscriptions } from './subscriptions.ts'

/** Whoever asked for one operation, over a transport that can say more than one thing. */
export interface Client extends Subscriber {
  /** It is refused before anything runs, and over. */
  refuse(errors: readonly GraphQLFormattedError[]): void
}

export interface ExecutionOptions {
  engine: Engine
  subscriptions: Subscriptions
  request: GraphqlRequest
  caller: Caller
  client: Client
}

/** Runs an operation of any kind: one result of a query or a mutation, as many as there are events of a subscription. */
export function startExecution({
  engine,
  subscriptions,
  request,
  caller,
  client,
}: ExecutionOptions): Subscription {
  let hasLeft = false

  // Queries and mutations take the way of HTTP, so that no rule holds on one transport alone.
  async function answer(): Promise<void> {
    const { data, errors } = await engine.answer(request, caller, { hasLeft: () => hasLeft })
    if (hasLeft) return
    if (data === undefined) {
      client.refuse(errors)
      return
    }
    client.next(printAnswer(data, errors))
    client.complete()
  }

  try {
    if (engine.kindOf(request) === 'subscription') {
      const accepted = engine.accept(request)
      return subscriptions.start({ accepted, variables: request.variables, caller }, client)
    }
    void answer()
  } catch (error) {
    client.refuse([engine.mask(error)])
  }
  return {
    leave() {
      hasLeft = true
    },
    wake: () => undefined,
    renew: () => undefined,
  }
}
