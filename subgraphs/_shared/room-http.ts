import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { readBody, sendError, sendJson } from './bodies.ts'
import { AppError, ERROR_CODES } from './errors.ts'
import type { Identity, InternalTokens } from './identity.ts'
import { answerProbe } from './probes.ts'
import type { LocalRoom, RoomResponse } from './room.ts'

const BODY_LIMIT = 8 * 1024 * 1024 // representations of a large page; only the door gets this far
const HEARTBEAT_MS = 10_000

const requestSchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
})

/**
 * A room over HTTP: `POST /graphql` answers JSON, or an event stream (graphql-sse, one operation a request) when that is
 * accepted; only with the door's internal token. Beside it the probes and whatever plain routes the room has.
 */
export function createRoomServer(room: LocalRoom, tokens: InternalTokens): Server {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const isProbe = await answerProbe(request, response, async () => ({ [room.name]: await room.isReady() }))
    if (isProbe || room.handlers.some((handler) => handler(request, response))) return
    if (request.url !== '/graphql' || request.method !== 'POST') {
      sendError(response, 404, 'NOT_FOUND', 'A room answers POST /graphql')
      return
    }
    const identity = await tokens.verify(bearer(request), room.name)
    const body = await readBody(request, BODY_LIMIT)
    if (body === null) throw new AppError('BAD_USER_INPUT', 'The request is too large')
    const { query, variables, operationName } = readRequest(body.toString())
    const operation = {
      query,
      variables: variables ?? undefined,
      operationName: operationName ?? undefined,
      identity,
    }
    if (request.headers.accept?.includes('text/event-stream')) await stream(room, operation, response)
    else sendJson(response, 200, await room.execute(operation))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const fault =
        error instanceof AppError ? error : new AppError('INTERNAL_SERVER_ERROR', 'Unexpected error')
      if (response.headersSent) response.destroy(fault)
      else sendError(response, ERROR_CODES[fault.code].status, fault.code, fault.message)
    })
  })
  // Longer than the door keeps an idle socket, so that a request never meets a socket that is just being closed.
  server.keepAliveTimeout = 65_000
  return server
}

interface Operation {
  query: string
  variables: Record<string, unknown> | undefined
  operationName: string | undefined
  identity: Identity
}

async function stream(room: LocalRoom, operation: Operation, response: ServerResponse): Promise<void> {
  const source = await room.subscribe(operation)
  if (!(Symbol.asyncIterator in source)) {
    sendJson(response, 200, source)
    return
  }
  if (response.destroyed) {
    await source.return?.() // the door left before the stream was open
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write(':\n\n')
  // The door going away ends the source at once, even while it waits for its next event.
  response.once('close', () => void source.return?.())
  const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS)
  try {
    for await (const event of source) await send(response, event)
    response.end('event: complete\ndata:\n\n')
  } finally {
    clearInterval(heartbeat)
  }
}

function send(response: ServerResponse, event: RoomResponse): Promise<void> | void {
  if (response.write(`event: next\ndata: ${textOf(event)}\n\n`) || response.destroyed) return
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go)
      resolve()
    }
    response.on('drain', go).on('close', go)
  })
}

/** An event that many streams carry is written once. */
function textOf(event: RoomResponse): string {
  const known = texts.get(event)
  if (known !== undefined) return known
  const text = JSON.stringify(event)
  texts.set(event, text)
  return text
}

const texts = new WeakMap<RoomResponse, string>()

function bearer(request: IncomingMessage): string {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
}

function readRequest(body: string): z.infer<typeof requestSchema> {
  try {
    return requestSchema.parse(JSON.parse(body))
  } catch {
    throw new AppError('BAD_USER_INPUT', 'The body must be JSON with a query')
  }
}
