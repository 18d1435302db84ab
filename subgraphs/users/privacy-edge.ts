import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Logger } from 'pino'
import type { HttpHandler } from '#shared/room.ts'
import type { Archive } from './services/archive.ts'
import { type DownloadUrls, PRIVACY_PREFIX } from './services/download-urls.ts'

export interface PrivacyEdgeOptions {
  urls: DownloadUrls
  open(jobId: string): Promise<Archive | null>
  /** The public keys of manifests: a JSON Web Key Set. */
  keySet: string
  logger: Logger
}

/**
 * Serves `/privacy/…`: archives, to whoever has an address that we signed for their owner, and the keys that manifests are checked with. An
 * address that does not open is an empty 403 whatever is wrong.
 */
export function createPrivacyEdge({ urls, open, keySet, logger }: PrivacyEdgeOptions): HttpHandler {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405)
    if (request.url === `${PRIVACY_PREFIX}keys`) {
      response.writeHead(200, {
        'content-type': 'application/jwk-set+json',
        'cache-control': 'public, max-age=3600',
      })
      response.end(request.method === 'HEAD' ? undefined : keySet)
      return
    }
    const asked = urls.read(request.url ?? '')
    const archive = asked === null ? null : await open(asked.jobId)
    if (asked === null || archive === null || !asked.isGoodFor(archive.userId)) return refuse(response, 403)
    response.writeHead(200, {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="${archive.name}"`,
      'cache-control': 'no-store',
    })
    if (request.method === 'HEAD') response.end()
    else await pipeline(archive.open(), response)
  }

  return (request, response) => {
    if (request.url?.startsWith(PRIVACY_PREFIX) !== true) return false
    response.setHeader('x-content-type-options', 'nosniff')
    answer(request, response).catch((error: unknown) => {
      // Whoever goes in the middle is no fault; what is broken in the middle is.
      if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return
      logger.error({ err: error }, 'an archive could not be sent')
      if (response.headersSent) response.destroy()
      else refuse(response, 500)
    })
    return true
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0, 'cache-control': 'no-store' }).end()
}
