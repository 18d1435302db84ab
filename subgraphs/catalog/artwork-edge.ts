import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Logger } from 'pino'
import type { HttpHandler } from '#shared/room.ts'
import { ObjectMissing, type ObjectStorage } from '#shared/storage/storage.ts'

const PATH = /^\/(artwork\/[0-9a-f]{32}\/\d{1,4}\.jpg)$/

/** Pages of any site show artwork: an address is not to be guessed, and its picture never changes. */
const FOR_PAGES = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
} as const

/** Serves `/artwork/<picture>/<width>.jpg` from the storage. */
export function createArtworkEdge(storage: ObjectStorage, logger: Logger): HttpHandler {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const key = PATH.exec(request.url ?? '')?.[1]
    if (key === undefined || (request.method !== 'GET' && request.method !== 'HEAD'))
      return refuse(response, 404)
    const etag = `"${key.slice('artwork/'.length, -'.jpg'.length)}"`
    const headers = { etag, 'cache-control': 'public, max-age=31536000, immutable' }
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end()
      return
    }
    const { bytes, body } = await storage.read(key)
    response.writeHead(200, { ...headers, 'content-type': 'image/jpeg', 'content-length': bytes })
    if (request.method === 'GET') return pipeline(body, response)
    body.destroy()
    response.end()
  }

  return (request, response) => {
    if (request.url?.startsWith('/artwork/') !== true) return false
    response.setHeaders(new Map(Object.entries(FOR_PAGES)))
    answer(request, response).catch((error: unknown) => {
      if (error instanceof ObjectMissing) return refuse(response, 404)
      if (response.headersSent) response.destroy()
      else refuse(response, 500)
      logger.warn({ err: error }, 'artwork could not be sent')
    })
    return true
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0, 'cache-control': 'no-store' }).end()
}
