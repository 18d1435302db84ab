import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { HttpHandler } from '#shared/room.ts'
import { DOWNLOAD_PREFIX, type DownloadUrls } from './services/download-url.ts'
import { flushed } from './services/flushed.ts'

/** A document as it is sent, piece by piece. */
export interface Download {
  contentType: string
  /** What a browser saves it as; null: it shows it. */
  fileName: string | null
  body: AsyncIterable<string>
}

/** Makes the document that the rest of a path names, or null where there is none. */
export type DownloadSource = (parts: readonly string[]) => Promise<Download | null>

export interface DownloadEdgeOptions {
  urls: DownloadUrls
  /** By the first part of the path. */
  sources: Readonly<Record<string, DownloadSource>>
  now(): number
  logger: Logger
}

/** Serves `/download/…` to whoever has an address that we signed. One that does not open is an empty 403 whatever is wrong. */
export function createDownloadEdge({ urls, sources, now, logger }: DownloadEdgeOptions): HttpHandler {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405)
    const path = urls.verify(request.url ?? '', now())
    const [source = '', ...parts] = path?.split('/') ?? []
    const download = Object.hasOwn(sources, source) ? await sources[source]?.(parts) : null
    if (download == null) return refuse(response, path === null ? 403 : 404)
    response.writeHead(200, {
      'content-type': download.contentType,
      'cache-control': 'private, no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      ...(download.fileName !== null && {
        'content-disposition': `attachment; filename="${download.fileName}"`,
      }),
    })
    if (request.method === 'GET') await send(download.body, response)
    response.end()
  }

  return (request, response) => {
    if (request.url?.startsWith(DOWNLOAD_PREFIX) !== true) return false
    answer(request, response).catch((error: unknown) => {
      if (response.destroyed) return
      logger.error({ err: error }, 'a download could not be made')
      if (response.headersSent) response.destroy()
      else refuse(response, 500)
    })
    return true
  }
}

/** No faster than it is read, and no further than somebody reads. */
async function send(body: AsyncIterable<string>, response: ServerResponse): Promise<void> {
  for await (const piece of body) {
    if (response.destroyed) return
    await flushed(response, (done) => response.write(piece, done))
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0, 'cache-control': 'no-store' }).end()
}
