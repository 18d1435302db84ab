import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { HttpHandler } from '#shared/room.ts'
import { ObjectMissing, type ObjectStorage } from '#shared/storage/storage.ts'
import { edgeResponses } from './metrics.ts'
import { type Admission, admit } from './services/admission.ts'
import type { AssetStore } from './services/asset-store.ts'
import { renditionOf } from './services/audio-asset.ts'
import { sendAudio } from './services/audio-response.ts'
import type { ContentKeys } from './services/content-keys.ts'
import { isOldFfmpeg, keyRangeForFfmpeg } from './services/ffmpeg-faults.ts'
import { mediaPlaylist, multivariantPlaylist } from './services/hls.ts'
import type { KeyRing } from './services/key-ring.ts'
import { createTokenVerifier } from './services/known-tokens.ts'
import { admitObject, isObjectPath, STREAM_HEADER } from './services/object-path.ts'
import { rankOf } from './services/quality.ts'
import { isSealed } from './services/sealing.ts'
import { servedFile, servedLayout } from './services/served-audio.ts'
import type { StreamKeyService } from './services/stream-keys.ts'
import { keyPath } from './services/stream-path.ts'

export interface EdgeOptions {
  ring(): KeyRing
  assets: AssetStore
  /** Where the packaged files lie. */
  storage: ObjectStorage
  contentKeys: ContentKeys
  /** Decides who gets a key. */
  keys: StreamKeyService
  /** Where keys are asked for, whoever serves the audio. */
  publicUrl: string
  now(): number
  logger: Logger
}

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'

/** On every answer, names and values in turn. Players come from any page: the token in the path is the credential, no cookie is looked at. */
const FOR_PLAYERS = [
  ...['access-control-allow-origin', '*'],
  ...['access-control-expose-headers', 'Accept-Ranges, Content-Length, Content-Range, ETag'],
  ...['cross-origin-resource-policy', 'cross-origin'],
  ...['x-content-type-options', 'nosniff'],
]

/**
 * Serves `/stream/…` (and `/object/…` to CDNs): playlists made on the fly and audio by byte range, to those whose URL we signed. A URL that does not
 * open is an empty 403 whatever is wrong with it.
 */
export function createEdge(options: EdgeOptions): HttpHandler {
  const { ring, assets, keys, publicUrl, now, logger } = options
  const verify = createTokenVerifier()

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'OPTIONS') return allowPlayers(response)
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, ['allow', 'GET, HEAD, OPTIONS'])
    const { url = '', headers } = request
    const admission = isObjectPath(url)
      ? admitObject(url, headers[STREAM_HEADER], ring(), now(), verify)
      : admit(url, ring(), now(), verify)
    return admission === null ? refuse(response, 403) : serve(admission, request, response)
  }

  const serve = async (
    { path, claims }: Admission,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const asset = await assets.find(claims.assetId)
    if (asset === null) return refuse(response, 404)
    const { first, top, presentation, host, playableId } = claims
    if (path.quality === null) {
      const allowed = asset.renditions.filter(({ quality }) => rankOf(quality) <= rankOf(top))
      const served = allowed.map((one) => servedLayout(one, presentation))
      return sendPlaylist(request, response, multivariantPlaylist(served, first, host))
    }
    const rendition = renditionOf(asset, path.quality)
    if (rendition === null) return refuse(response, 404)
    if (path.file === 'AUDIO')
      return sendAudio(request, response, servedFile(asset, rendition, presentation, options), FOR_PLAYERS)
    const isKeyed = isSealed(path.quality)
    if (path.file === 'KEY')
      return isKeyed ? sendKey(request, response, await keys(claims, path.quality)) : refuse(response, 404)
    // A key is asked of us alone: behind another host the playlist says where we are.
    const keyUri = host === 'EDGE' ? 'key' : publicUrl + keyPath(path.token, playableId, path.quality)
    const repeatsHeader = isOldFfmpeg(request.headers['user-agent'])
    const layout = servedLayout(rendition, presentation)
    sendPlaylist(
      request,
      response,
      mediaPlaylist(layout, { keyUri: isKeyed ? keyUri : null, repeatsHeader, host }),
    )
  }

  return (request, response) => {
    const { url = '' } = request
    if (!url.startsWith('/stream/') && !isObjectPath(url)) return false
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
  response.writeHead(204, [
    ...FOR_PLAYERS,
    ...['access-control-allow-methods', 'GET, HEAD, OPTIONS'],
    ...['access-control-allow-headers', 'Range, If-Range, If-None-Match'],
    ...['access-control-max-age', '86400'],
  ])
  response.end()
}

function sendPlaylist(request: IncomingMessage, response: ServerResponse, text: string): void {
  response.writeHead(200, [
    ...FOR_PLAYERS,
    ...['content-type', PLAYLIST_TYPE, 'content-length', String(Buffer.byteLength(text))],
    ...['cache-control', 'private, max-age=10', 'vary', 'User-Agent'],
  ])
  response.end(request.method === 'HEAD' ? undefined : text)
}

/** 16 bytes that nothing between us and the player may keep. Who has a good URL is told why there are none. */
function sendKey(
  request: IncomingMessage,
  response: ServerResponse,
  key: Awaited<ReturnType<StreamKeyService>>,
): void {
  const isKey = key.__typename === 'StreamKey'
  const body = isKey ? key.bytes : Buffer.from(JSON.stringify({ code: key.code, message: key.message }))
  const range = keyRangeForFfmpeg(request.headers['user-agent'], request.headers.range)
  const isPart = isKey && range !== null
  response.writeHead(isKey ? (isPart ? 206 : 200) : 403, [
    ...FOR_PLAYERS,
    ...(isPart ? ['content-range', range] : []),
    ...['content-type', isKey ? 'application/octet-stream' : 'application/json'],
    ...['content-length', String(body.length), 'cache-control', 'no-store'],
  ])
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** A status and nothing else: not even that there is something here. */
function refuse(response: ServerResponse, status: number, headers: readonly string[] = []): void {
  response
    .writeHead(status, [...FOR_PLAYERS, ...headers, 'content-length', '0', 'cache-control', 'no-store'])
    .end()
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}

/** The client closed the connection: its right, and no fault. */
function hasLeft(error: unknown): boolean {
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(codeOf(error)))
}
