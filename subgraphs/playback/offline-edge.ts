import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { SqlExecutor } from '#shared/database.ts'
import type { HttpHandler } from '#shared/room.ts'
import { ObjectMissing, type ObjectStorage } from '#shared/storage/storage.ts'
import { type AudioFile, sendAudio } from './services/audio-response.ts'
import { OFFLINE_PREFIX, type OfflineFile, type OfflineUrls } from './services/offline-url.ts'

export interface OfflineEdgeOptions {
  db: SqlExecutor
  urls: OfflineUrls
  /** The public keys of licences: a JSON Web Key Set. */
  keySet: string
  storage: ObjectStorage
  now(): number
  logger: Logger
}

/** On every answer, names and values in turn. */
const FOR_DEVICES = [
  ...['access-control-allow-origin', '*'],
  ...['access-control-expose-headers', 'Accept-Ranges, Content-Length, Content-Range, ETag'],
  ...['x-content-type-options', 'nosniff'],
]

/**
 * Serves `/offline/…`: packaged files by range, to whoever has an address that we signed, as long as the device still holds the track and
 * the account includes it; and the keys that licences are checked with. A URL that does not open is an empty 403 whatever is wrong.
 */
export function createOfflineEdge(options: OfflineEdgeOptions): HttpHandler {
  const { db, urls, keySet, storage, now, logger } = options

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405)
    if (request.url === `${OFFLINE_PREFIX}keys`) {
      const about = ['content-type', 'application/jwk-set+json', 'cache-control', 'public, max-age=3600']
      response.writeHead(200, [...FOR_DEVICES, ...about])
      response.end(request.method === 'HEAD' ? undefined : keySet)
      return
    }
    const file = urls.verify(request.url ?? '', now())
    const size = file === null ? null : await readSize(db, file)
    if (file === null || size === null) return refuse(response, 403)
    const { path } = file
    const audio: AudioFile = {
      size,
      etag: `"${path.split('/').at(-1)}-${size}"`,
      read: async (range) => (await storage.readPieces(path, range)).pieces,
      async check() {
        if ((await storage.find(path))?.bytes !== size) throw new ObjectMissing(path)
      },
    }
    await sendAudio(request, response, audio, FOR_DEVICES)
  }

  return (request, response) => {
    if (request.url?.startsWith(OFFLINE_PREFIX) !== true) return false
    answer(request, response).catch((error: unknown) => {
      if (response.destroyed) return
      logger.error({ err: error }, 'a file for offline could not be sent')
      if (response.headersSent) response.destroy()
      else refuse(response, error instanceof ObjectMissing ? 404 : 500)
    })
    return true
  }
}

/** The bytes of a file that this device may still have; null for every other. */
async function readSize(
  db: SqlExecutor,
  { userId, deviceId, trackId, path }: OfflineFile,
): Promise<number | null> {
  const [row] = await db.$queryRaw<{ bytes: number }[]>`
    SELECT bytes::float8 AS bytes FROM offline_track held
     WHERE user_id = ${userId} AND device_id = ${deviceId} AND track_id = ${trackId} AND path = ${path}
       AND state = 'READY' AND NOT is_removed
       AND NOT EXISTS (SELECT FROM playable WHERE id = held.track_id AND playable.is_removed)
       AND NOT EXISTS (SELECT FROM account WHERE account.user_id = held.user_id AND tier <> 'PREMIUM')
       AND NOT EXISTS (SELECT FROM device WHERE device.user_id = held.user_id AND device.device_id = held.device_id
                                            AND device.is_removed)`
  return row?.bytes ?? null
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, [...FOR_DEVICES, 'content-length', '0', 'cache-control', 'no-store']).end()
}
