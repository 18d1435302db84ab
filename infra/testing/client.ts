import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { operation } from './operations.ts'

/** What tests read from answers, at any depth, without a type for each operation; `list`, String and Number say what it is. */
export interface Json {
  readonly [key: string]: Json
  readonly [index: number]: Json
}

export function list(json: Json | undefined | null): readonly Json[] {
  if (json === undefined || json === null) return []
  if (!Array.isArray(json)) throw new Error(`Not a list: ${JSON.stringify(json)}`)
  return json
}

export interface Answer {
  status: number
  data: Json
  errors: readonly { message: string; extensions: { code: string }; path?: readonly (string | number)[] }[]
}

export interface ApiClient {
  token: string | null
  deviceId: string
  userId: string
  /** Sends an operation of schema/operations by its name, or a document of the test's own. */
  send(nameOrDocument: string, variables?: Record<string, unknown>): Promise<Answer>
  /** The data of an operation that is expected to have no errors. */
  data(nameOrDocument: string, variables?: Record<string, unknown>): Promise<Json>
  /** Runs a subscription until `leave` or until it ends; `onEvent` gets each `data`. */
  watch(nameOrDocument: string, variables: Record<string, unknown>, onEvent: (data: Json) => void): Watch
}

export interface Watch {
  leave(): void
  /** Settles when the subscription has ended: null for complete, else what ended it. */
  ended: Promise<unknown>
}

/** A front end of the API at `url` (…/graphql), as nobody or as somebody. */
export function createApiClient(url: string, token: string | null = null): ApiClient {
  const client: ApiClient = {
    token,
    deviceId: '',
    userId: '',
    async send(nameOrDocument, variables = {}) {
      const query = documentOf(nameOrDocument)
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(client.token && { authorization: `Bearer ${client.token}` }),
        },
        body: JSON.stringify({ query, variables }),
      })
      const body = (await response.json()) as { data?: Json; errors?: Answer['errors'] }
      return { status: response.status, data: body.data as Json, errors: body.errors ?? [] }
    },
    async data(nameOrDocument, variables) {
      const { data, errors } = await client.send(nameOrDocument, variables)
      if (errors.length > 0) throw new Error(`${nameOrDocument.slice(0, 80)}: ${JSON.stringify(errors)}`)
      return data
    },
    watch(nameOrDocument, variables, onEvent) {
      const socket = createClient({
        url: url.replace(/^http/, 'ws'),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        ...(client.token && { connectionParams: { authorization: `Bearer ${client.token}` } }),
      })
      let hasLeft = false
      const ended = new Promise<unknown>((resolve) => {
        socket.subscribe(
          { query: documentOf(nameOrDocument), variables },
          {
            next: ({ data, errors }) => {
              if (hasLeft) return // it was on its way when the socket was cut
              if (errors) resolve(errors)
              else onEvent(data as unknown as Json)
            },
            error: (error) => resolve(error),
            complete: () => resolve(null),
          },
        )
      })
      const leave = (): void => {
        hasLeft = true
        socket.terminate()
      }
      return { leave, ended }
    },
  }
  return client
}

/** A client signed in with the demo's password, on a device of its own. */
export async function signIn(url: string, email: string, password = 'cadenza-demo'): Promise<ApiClient> {
  const client = createApiClient(url)
  const input = { email, password, device: { name: 'Test', kind: 'WEB' } }
  const session = (await client.data('SignIn', { input }))['signIn']?.['session']
  client.token = String(session?.['accessToken'])
  client.deviceId = String(session?.['device']?.['id'])
  client.userId = String(session?.['user']?.['id'])
  return client
}

function documentOf(nameOrDocument: string): string {
  return /^\w+$/.test(nameOrDocument) ? operation(nameOrDocument) : nameOrDocument
}
