import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { readBody, sendError } from '#shared/bodies.ts'
import { AppError, ERROR_CODES } from '#shared/errors.ts'
import { answerProbe } from '#shared/probes.ts'
import type { HttpHandler } from '#shared/room.ts'
import type { Apollo } from './apollo.ts'
import type { Authenticator } from './authenticator.ts'
import { LIMITS } from './limits.ts'

export interface HttpOptions {
  apollo: Apollo
  authenticator: Authenticator
  /** Plain routes beside GraphQL, asked in order: GraphiQL, and the audio edge where it is in the same process. */
  handlers: readonly HttpHandler[]
  readiness(): Promise<Record<string, boolean>>
  logger: Logger
}

/** Answers every HTTP request that reaches the door; no input makes it throw. */
export function createHttpListener(
  options: HttpOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { apollo, authenticator, handlers, readiness, logger } = options

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (await answerProbe(request, response, readiness)) return
    if (handlers.some((handler) => handler(request, response))) return
    const { pathname, search } = new URL(request.url ?? '/', 'http://door')
    if (pathname !== '/graphql') {
      if (pathname === '/' && request.method === 'GET') {
        response.writeHead(302, { location: '/graphql' }).end()
        return
      }
      throw new AppError('NOT_FOUND', 'The API is at /graphql')
    }
    // Tokens travel in a header that no browser adds by itself, so any origin may ask.
    response.setHeader('access-control-allow-origin', '*')
    if (request.method === 'OPTIONS') {
      answerPreflight(response)
      return
    }
    const { identity } = await authenticator.visit(request.headers.authorization)
    const body = request.method === 'POST' ? await readJson(request) : undefined
    const {
      status,
      headers,
      body: text,
    } = await apollo.answer(
      { method: request.method ?? 'GET', headers: request.headers, search, body },
      { identity },
    )
    for (const [name, value] of headers) response.setHeader(name, value)
    response.writeHead(status, { 'content-length': Buffer.byteLength(text) }).end(text)
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (error instanceof AppError) {
        // What was not read of a refused body is not worth reading.
        if (!request.readableEnded) response.setHeader('connection', 'close')
        // Complexity is refused here only for size: the document itself is measured further in.
        const status = error.code === 'QUERY_TOO_COMPLEX' ? 413 : ERROR_CODES[error.code].status
        sendError(response, status, error.code, error.message)
        return
      }
      logger.error({ err: error, url: request.url }, 'unexpected error at the door')
      sendError(response, 500, 'INTERNAL_SERVER_ERROR', 'Unexpected error')
    })
  }
}

function answerPreflight(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers':
      'authorization, content-type, apollo-require-preflight, apollographql-client-name, apollographql-client-version',
    'access-control-max-age': '86400',
  })
  response.end()
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  if (!request.headers['content-type']?.startsWith('application/json')) {
    throw new AppError('BAD_USER_INPUT', 'Send application/json')
  }
  const text = await readBody(request, LIMITS.bodyBytes)
  if (text === null)
    throw new AppError('QUERY_TOO_COMPLEX', `A request has at most ${LIMITS.bodyBytes / 1024} KiB`)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new AppError('BAD_USER_INPUT', 'The body is not JSON')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new AppError('BAD_USER_INPUT', 'The body is one JSON object with a query')
  }
  return body
}
