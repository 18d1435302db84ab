import { Kind, type OperationDefinitionNode, parse } from 'graphql'
import { send } from './api.ts'
import { type GraphQLAnswer, type GraphQLRequest, wordsOf } from './http.ts'
import { runSubscription } from './live-subscription.ts'
import { complete } from './placeholders.ts'
import { look } from './seen.ts'

export interface Observer {
  next(answer: GraphQLAnswer): void
  error(problem: unknown): void
  complete(): void
}

interface FetchOptions {
  headers?: Record<string, string>
}

interface Run {
  subscribe(observer: Observer): { unsubscribe(): void }
}

/** What GraphiQL runs operations with: HTTP, or the WebSocket for subscriptions. Stopping really cancels the request. */
export function fetcher(asked: GraphQLRequest, options: FetchOptions = {}): Run {
  const operation = operationOf(asked)
  const request = { ...asked, operationName: operation?.name?.value ?? null }
  const start = operation?.operation === 'subscription' ? startSubscription : startRequest
  return {
    subscribe(observer) {
      const controller = new AbortController()
      void start(request, options, observer, controller.signal).catch((error: unknown) => {
        if (!controller.signal.aborted) fail(observer, wordsOf(error))
      })
      return { unsubscribe: () => controller.abort() }
    },
  }
}

/** Read from the text itself: just after a change of tab GraphiQL still names the operation of the tab before. */
function operationOf({ query, operationName }: GraphQLRequest): OperationDefinitionNode | null {
  try {
    const { definitions } = parse(query, { noLocation: true })
    const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    return operations.find((operation) => operation.name?.value === operationName) ?? operations[0] ?? null
  } catch {
    // The server explains a syntax error best.
    return null
  }
}

type Start = (
  request: GraphQLRequest,
  options: FetchOptions,
  observer: Observer,
  signal: AbortSignal,
) => Promise<void>

const startRequest: Start = async (request, { headers = {} }, observer, signal) => {
  const answer = await send(await filled(request), { headers, signal })
  if (signal.aborted) return
  look(answer)
  observer.next(answer)
  observer.complete()
}

const startSubscription: Start = async (request, _options, observer, signal) => {
  const ready = await filled(request)
  if (signal.aborted) return
  const { next, complete } = observer
  const error = (problem: unknown) => fail(observer, ...sentences(problem))
  runSubscription(ready, { next, error, complete }, signal)
}

async function filled(request: GraphQLRequest): Promise<GraphQLRequest> {
  if (!request.variables) return request
  const variables = await complete(JSON.stringify(request.variables))
  return { ...request, variables: JSON.parse(variables) as Record<string, unknown> }
}

function fail(observer: Observer, ...messages: string[]): void {
  observer.next({ errors: messages.map((message) => ({ message })) })
  observer.complete()
}

function sentences(problem: unknown): string[] {
  if (Array.isArray(problem)) return problem.map((error: { message: string }) => error.message)
  if (problem instanceof CloseEvent) return [`The WebSocket was closed: ${problem.code} ${problem.reason}`]
  return [wordsOf(problem)]
}
