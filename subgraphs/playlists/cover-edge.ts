import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, sendError, sendJson } from '#shared/bodies.ts'
import { AppError, ERROR_CODES, Refusal } from '#shared/errors.ts'
import type { HttpHandler } from '#shared/room.ts'
import type { Logger } from '#shared/telemetry.ts'
import { type CoverService, MAX_COVER_BYTES } from './services/covers.ts'
import { LARGEST_SIDE, SMALLEST_SIDE } from './services/picture.ts'

/** Pages of any site show covers and upload them: the address is the credential, and no cookie is looked at. */
const FOR_PAGES = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'",
} as const

const LINGER_MS = 5_000

/**
 * Serves `/covers/…`: `PUT /covers/upload/<token>` takes the bytes of a picture, `GET /covers/<id>` gives one back. An id is
 * not to be guessed, and its picture never changes.
 */
export function createCoverEdge(covers: CoverService, logger: Logger): HttpHandler {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, token, id] = /^\/covers\/(?:upload\/([\w-]{43})|(cover_\w{22}))$/.exec(request.url ?? '') ?? []
    if (token !== undefined && request.method === 'PUT') return take(token, request, response)
    if (id !== undefined && (request.method === 'GET' || request.method === 'HEAD'))
      return give(id, request, response)
    if (request.method !== 'OPTIONS') return sendError(response, 404, 'NOT_FOUND', 'There is no such cover')
    response.writeHead(204, {
      'access-control-allow-methods': 'GET, HEAD, PUT, OPTIONS',
      'access-control-allow-headers': 'Content-Type, If-None-Match',
      'access-control-max-age': '86400',
    })
    response.end()
  }

  const take = async (token: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const bytes = await readBody(request, MAX_COVER_BYTES)
    if (bytes === null) {
      // What is left of it is thrown away, for a moment: closing while more arrives would take the answer along.
      setTimeout(() => request.destroy(), LINGER_MS).unref()
      request.resume()
      return sendError(response, 413, 'BAD_USER_INPUT', `A cover has at most ${MAX_COVER_BYTES / 1024} KiB`)
    }
    const taken = await covers.accept(token, bytes)
    const wanted = `A cover is a JPEG or PNG of ${SMALLEST_SIDE} to ${LARGEST_SIDE} pixels a side`
    if (taken === null) return sendError(response, 415, 'BAD_USER_INPUT', wanted)
    const { cover, revision } = taken
    const { width, height } = cover
    return sendJson(response, 201, { cover: { url: covers.urlOf(cover.id), width, height }, revision })
  }

  const give = async (id: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const file = await covers.find(id)
    if (file === null) return sendError(response, 404, 'NOT_FOUND', 'There is no such cover')
    const etag = `"${id}"`
    const headers = { etag, 'cache-control': 'public, max-age=31536000, immutable' }
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end()
      return
    }
    response.writeHead(200, {
      ...headers,
      'content-type': file.mediaType,
      'content-length': file.bytes.length,
    })
    response.end(request.method === 'HEAD' ? undefined : file.bytes)
  }

  return (request, response) => {
    if (request.url?.startsWith('/covers/') !== true) return false
    response.setHeaders(new Map(Object.entries(FOR_PAGES)))
    answer(request, response).catch((error: unknown) => {
      if (error instanceof Refusal || error instanceof AppError) return refuse(response, error)
      logger.warn({ err: error }, 'a cover could not be taken or given')
      sendError(response, 500, 'INTERNAL_SERVER_ERROR', 'Unexpected error')
    })
    return true
  }
}

/** What a mutation would answer in `userErrors` is answered as a status here. */
function refuse(response: ServerResponse, { code, message }: Refusal | AppError): void {
  const status = Object.entries(ERROR_CODES).find(([known]) => known === code)?.[1].status ?? 409
  sendError(response, status, code, message)
}
