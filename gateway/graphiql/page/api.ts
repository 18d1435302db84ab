import { type GraphQLAnswer, type GraphQLRequest, post } from './http.ts'
import { freshToken, renewTokens, session } from './tokens.ts'

interface SendOptions {
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Sends a request as whoever is signed in. A token the server no longer takes is renewed and the request sent once more. */
export async function send(request: GraphQLRequest, options: SendOptions = {}): Promise<GraphQLAnswer> {
  const token = await freshToken()
  const answer = await post(request, { ...options, token })
  if (token === null || !isTokenRefused(answer)) return answer
  await renewTokens()
  const renewed = session.get()?.accessToken
  return renewed ? post(request, { ...options, token: renewed }) : answer
}

/** For the page's own questions: the data, or the first error thrown. */
export async function ask<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
  const answer = await send({ query, variables })
  const error = answer.errors?.[0]
  if (error) throw new Error(error.message)
  return answer.data as Data
}

/** Only when nothing ran at all: a mutation that got through must not be sent twice. */
function isTokenRefused(answer: GraphQLAnswer): boolean {
  return !answer.data && answer.errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED') === true
}
