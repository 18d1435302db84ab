export interface GraphQLRequest {
  query: string
  variables?: Record<string, unknown>
  operationName?: string | null
}

export interface GraphQLAnswer {
  data?: Record<string, unknown> | null
  errors?: { message: string; extensions?: { code?: string } }[]
}

interface PostOptions {
  token?: string | null
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** This page's own address is the API's address too. */
export const endpoint = `${location.origin}${location.pathname}`

/** Sends one request and returns whatever GraphQL answer comes back; throws, in words, when none does. */
export async function post(request: GraphQLRequest, options: PostOptions = {}): Promise<GraphQLAnswer> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
  }
  if (options.token) headers['authorization'] = `Bearer ${options.token}`
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { ...headers, ...options.headers },
    body: JSON.stringify(request),
    signal: options.signal ?? null,
  }).catch((error: unknown) => {
    if (options.signal?.aborted) throw error
    throw new Error(`${location.host} does not answer. Is Cadenza running?`)
  })
  const text = await response.text()
  try {
    return JSON.parse(text) as GraphQLAnswer
  } catch {
    throw new Error(`Expected JSON, got ${response.status} ${response.statusText}: ${text.slice(0, 200)}`)
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
