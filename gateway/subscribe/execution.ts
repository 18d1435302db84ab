import type { GraphQLFormattedError } from 'graphql'
import type { Caller } from '../caller.ts'
import type { Accepted, Engine } from '../engine.ts'
import { printAnswer } from '../graphql-answer.ts'
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
  accepting: Promise<Accepted>
  /** As the client sent them. */
  variables: Record<string, unknown>
  caller: Caller
  client: Client
}

/** Runs an operation of any kind: one result of a query or a mutation, as many as there are events of a subscription. */
export function startExecution(options: ExecutionOptions): Subscription {
  const { engine, subscriptions, accepting, variables, client } = options
  let { caller } = options
  let subscription: Subscription | null = null
  let hasLeft = false

  async function begin(): Promise<void> {
    const accepted = await accepting
    if (hasLeft) return
    if (accepted.operation.kind === 'subscription') {
      subscription = subscriptions.start({ accepted, variables, caller }, client)
      return
    }
    // Queries and mutations take the way of HTTP, so that no rule holds on one transport alone.
    const { data, errors } = await engine.answer(accepting, caller, { hasLeft: () => hasLeft })
    if (hasLeft) return
    if (data === undefined) {
      client.refuse(errors)
      return
    }
    client.next(printAnswer(data, errors))
    client.complete()
  }

  begin().catch((error: unknown) => {
    if (!hasLeft) client.refuse([engine.mask(error)])
  })
  return {
    leave() {
      hasLeft = true
      subscription?.leave()
    },
    wake: () => subscription?.wake(),
    renew(renewed) {
      caller = renewed
      subscription?.renew(renewed)
    },
  }
}
