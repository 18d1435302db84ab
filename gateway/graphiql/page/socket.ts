import { type Client, createClient, type Sink } from 'graphql-ws'
import { account } from './account.ts'
import { endpoint, type GraphQLRequest } from './http.ts'
import { createStore } from './store.ts'
import { freshToken } from './tokens.ts'

export type LinkState = 'closed' | 'connecting' | 'open'

/** Whether the WebSocket stands. It opens with the first subscription and closes with the last. */
export const link = createStore<LinkState>('closed')

let client: Client | null = null
let identity = account.get()?.viewer.id

// Who asks is settled when the socket opens, so a change of account ends it and the next subscription opens another.
account.subscribe(() => {
  const next = account.get()?.viewer.id
  if (next === identity) return
  identity = next
  const old = client
  client = null
  link.set('closed')
  void old?.dispose()
})

/** Starts a subscription; the returned function ends it. A dropped socket is opened again and the subscription repeated. */
export function openSubscription(request: GraphQLRequest, sink: Sink): () => void {
  client ??= connect()
  const { query, variables = {}, operationName = null } = request
  return client.subscribe({ query, variables, operationName }, sink)
}

function connect(): Client {
  return createClient({
    url: endpoint.replace(/^http/, 'ws'),
    connectionParams: async () => {
      const token = await freshToken()
      return token ? { authorization: `Bearer ${token}` } : {}
    },
    keepAlive: 15_000,
    retryAttempts: 30,
    shouldRetry: () => true,
    on: {
      connecting: () => link.set('connecting'),
      connected: () => link.set('open'),
      closed: () => link.set('closed'),
    },
  })
}
