import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendError } from '#shared/bodies.ts'
import { AppError, ERROR_CODES } from '#shared/errors.ts'
import { answerProbe } from '#shared/probes.ts'
import type { HttpHandler } from '#shared/room.ts'
import { addressOf } from './address.ts'
import type { Arrivals } from './arrival.ts'
import type { Authenticator } from './authenticator.ts'
import { type Engine, type EngineAnswer, MutationByGet } from './engine.ts'
import { acceptsEventStream, type EventStreams } from './event-streams.ts'
import { negotiate, printAnswer, retryAfterOf, statusOf } from './graphql-answer.ts'
import { readGraphqlRequest, UnsupportedMediaType } from './graphql-request.ts'
import { sendAnswer } from './http-answer.ts'
import type { Limits } from './limits.ts'
import { createTrace } from './trace.ts'

export interface HttpOptions {
  engine: Engine
  eventStreams: EventStreams
  authenticator: Authenticator
  arrivals: Arrivals
  /** Plain routes beside GraphQL, asked in order: GraphiQL, and the audio edge where it is in the same process. */
  handlers: readonly HttpHandler[]
  readiness(): Promise<Record<string, boolean>>
  limits: Pick<Limits, 'bodyBytes'>
  /** Elsewhere clients may have their requests traced. */
  isProduction: boolean
}

/** Answers every HTTP request that reaches the door; no input makes it throw. */
export function createHttpListener(
  options: HttpOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { engine, handlers, readiness } = options

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (await answerProbe(request, response, readiness)) return
    if (handlers.some((handler) => handler(request, response))) return
    const address = addressOf(request)
    if (address === null) throw new AppError('BAD_USER_INPUT', 'The address cannot be read')
    const { pathname, searchParams } = address
    if (pathname === '/graphql') await answerGraphql(request, response, searchParams, options)
    else if (pathname === '/' && request.method === 'GET')
      response.writeHead(302, { location: '/graphql' }).end()
    else throw new AppError('NOT_FOUND', 'The API is at /graphql')
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      // Gone before it had said what it wants.
      if (response.destroyed) return
      if (!request.complete) discardRest(request, response)
      const { message, extensions } = engine.mask(error)
      const status = error instanceof AppError ? statusOfRefusal(error) : 500
      sendError(response, status, String(extensions?.['code']), message)
    })
  }
}

/**
 * What comes of a refused body after the refusal is read and thrown away, for a moment: a socket that is closed while more arrives
 * takes the answer with it.
 */
function discardRest(request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = true
  const impatience = setTimeout(() => request.destroy(), LINGER_MS)
  request.once('close', () => clearTimeout(impatience)).resume()
}

const LINGER_MS = 5_000

/** GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft */
async function answerGraphql(
  request: IncomingMessage,
  response: ServerResponse,
  search: URLSearchParams,
  { engine, eventStreams, authenticator, arrivals, limits, isProduction }: HttpOptions,
): Promise<void> {
  // Tokens travel in a header that no browser adds by itself, so any origin may ask.
  response.setHeader('access-control-allow-origin', '*')
  const { method, headers } = request
  if (method === 'OPTIONS') {
    response.writeHead(204, PREFLIGHT).end()
    return
  }
  if (method !== 'GET' && method !== 'POST') {
    response.setHeader('allow', 'GET, POST')
    sendError(response, 405, 'BAD_USER_INPUT', 'Ask by POST, or by GET for queries')
    return
  }
  const type = negotiate(headers.accept)
  const takesEvents = acceptsEventStream(request)
  if (type === null && !takesEvents) {
    sendError(response, 406, 'BAD_USER_INPUT', 'Accept application/graphql-response+json or application/json')
    return
  }
  const trace = !isProduction && headers[TRACE_HEADER] === '1' ? createTrace() : undefined
  const asked = await readGraphqlRequest(request, search, limits)
  // Not while the body is still on its way: a session may end before it is there.
  const visit = await authenticator.visit(arrivals.overHttp(request))
  const accepting = engine.accept(asked, visit.caller)
  const isAnswered =
    takesEvents && (await eventStreams.answer({ request, response, asked, accepting, visit, type }))
  if (isAnswered || type === null) return
  const answer = await engine.answer(accepting, visit.caller, {
    isReadOnly: method === 'GET',
    hasLeft: () => response.destroyed,
    trace,
  })
  const retryAfter = retryAfterOf(answer)
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
  await sendAnswer(request, response, {
    status: statusOf(type, answer),
    type,
    bytes:
      trace === undefined ? bytesOf(answer) : Buffer.from(printAnswer(answer.data, answer.errors, trace)),
    policy: method === 'GET' && trace === undefined ? remaining(answer) : null,
  })
}

function bytesOf(answer: EngineAnswer): Buffer {
  answer.bytes ??= Buffer.from(printAnswer(answer.data, answer.errors))
  return answer.bytes
}

/** What is left of an answer's time: it may have been kept here for a while. */
function remaining({ policy, madeAt }: EngineAnswer): EngineAnswer['policy'] {
  if (policy === null) return null
  const maxAge = policy.maxAge - Math.ceil((Date.now() - madeAt) / 1_000)
  return maxAge > 0 ? { ...policy, maxAge } : null
}

/** Set to 1, it has `extensions.cadenza` of the answer tell what it took. */
const TRACE_HEADER = 'x-cadenza-trace'

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers': `authorization, content-type, apollo-require-preflight, apollographql-client-name, apollographql-client-version, ${TRACE_HEADER}`,
  'access-control-max-age': '86400',
}

function statusOfRefusal(error: AppError): number {
  if (error instanceof MutationByGet) return 405
  if (error instanceof UnsupportedMediaType) return 415
  // Complexity is refused here only for size: the document itself is measured further in.
  return error.code === 'QUERY_TOO_COMPLEX' ? 413 : ERROR_CODES[error.code].status
}
