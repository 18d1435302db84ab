import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { HttpHandler } from '#shared/room.ts'
import { ObjectMissing, type ObjectStorage } from '#shared/storage/storage.ts'
import { edgeResponses } from './metrics.ts'
import { type Admission, admit } from './services/admission.ts'
import type { AssetStore } from './services/asset-store.ts'
import { renditionOf } from './services/audio-asset.ts'
import { sendAudio } from './services/audio-response.ts'
import { mediaPlaylist, multivariantPlaylist } from './services/hls.ts'
import type { KeyRing } from './services/key-ring.ts'
import { isOldFfmpeg } from './services/old-ffmpeg.ts'

export interface EdgeOptions {
  ring(): KeyRing
  assets: AssetStore
  /** Where the packaged files lie. */
  storage: ObjectStorage
  now(): number
  logger: Logger
}

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'

/** Players come from any page: the token in the path is the credential, and no cookie is looked at. */
const FOR_PLAYERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Accept-Ranges, Content-Length, Content-Range, ETag',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
} as const

/**
 * Serves `/stream/…`: playlists made on the fly and audio by byte range, to those whose URL we signed. A URL that does not
 * open is an empty 403 whatever is wrong with it.
 */
export function createEdge(options: EdgeOptions): HttpHandler {
  const { ring, assets, storage, now, logger } = options

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'OPTIONS') return allowPlayers(response)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD, OPTIONS')
      return refuse(response, 405)
    }
    const admission = admit(request.url ?? '', ring(), now())
    return admission === null ? refuse(response, 403) : serve(admission, request, response)
  }

  const serve = async (
    { path, claims }: Admission,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const asset = await assets.find(claims.assetId)
    if (asset === null) return refuse(response, 404)
    if (path.quality === null)
      return sendPlaylist(request, response, multivariantPlaylist(asset, claims.first, claims.top))
    const rendition = renditionOf(asset, path.quality)
    if (rendition === null) return refuse(response, 404)
    if (path.file === 'PLAYLIST')
      return sendPlaylist(
        request,
        response,
        mediaPlaylist(rendition, isOldFfmpeg(request.headers['user-agent'])),
      )
    return sendAudio(request, response, storage, {
      path: rendition.path,
      size: rendition.bytes,
      etag: `"${asset.assetId}-${rendition.quality.toLowerCase()}-${rendition.bytes}"`,
    })
  }

  return (request, response) => {
    if (request.url?.startsWith('/stream/') !== true) return false
    response.setHeaders(new Map(Object.entries(FOR_PLAYERS)))
    if (isOldFfmpeg(request.headers['user-agent'])) response.setHeader('connection', 'close')
    response.once('close', () => edgeResponses.inc({ status: String(response.statusCode) }))
    answer(request, response).catch((error: unknown) => {
      if (hasLeft(error)) return
      logger.error({ err: error }, 'the edge could not answer')
      if (response.headersSent) response.destroy()
      else refuse(response, error instanceof ObjectMissing ? 404 : 500)
    })
    return true
  }
}

function allowPlayers(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, HEAD, OPTIONS',
    'access-control-allow-headers': 'Range, If-Range, If-None-Match',
    'access-control-max-age': '86400',
  })
  response.end()
}

function sendPlaylist(request: IncomingMessage, response: ServerResponse, text: string): void {
  response.writeHead(200, {
    'content-type': PLAYLIST_TYPE,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'private, max-age=10',
    vary: 'User-Agent',
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

/** A status and nothing else: not even that there is something here. */
function refuse(response: ServerResponse, status: number): void {
  for (const name of ['accept-ranges', 'content-range', 'content-type', 'etag']) response.removeHeader(name)
  response.writeHead(status, { 'content-length': 0, 'cache-control': 'no-store' }).end()
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}

/** The client closed the connection: its right, and no fault. */
function hasLeft(error: unknown): boolean {
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(codeOf(error)))
}
