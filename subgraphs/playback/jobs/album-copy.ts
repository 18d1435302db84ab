import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { EventLog } from '#shared/event-log.ts'
import { TRACK_CHANGED, trackPlaced } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { lockSources } from '../services/offline-lock.ts'

export interface AlbumCopyOptions {
  db: PrismaClient
  log: EventLog
  logger: Logger
  /** Follows, in the same transaction, what has become of these albums. */
  follow(tx: SqlExecutor, albumIds: readonly string[]): Promise<void>
}

/** Keeps which tracks are on which album, and in what order. */
export function createAlbumCopy({ db, log, logger, follow }: AlbumCopyOptions): Consumer {
  return createConsumer({
    name: 'playback.albums',
    source: 'catalog',
    topics: [TRACK_CHANGED],
    log,
    db,
    logger,
    async apply(tx, events) {
      const tracks = events.map(({ payload }) => {
        const track = trackPlaced.parse(payload)
        return { ...track, albumId: track.isRemoved ? null : track.albumId }
      })
      const left = await tx.$queryRaw<{ albumId: string }[]>`
        SELECT DISTINCT album_id AS "albumId" FROM album_track
         WHERE album_id IS NOT NULL AND track_id = ANY (${tracks.map(({ trackId }) => trackId)}::text[])`
      const albumIds = [...left, ...tracks].flatMap(({ albumId }) => albumId ?? [])
      const ids = [...new Set(albumIds)].sort()
      await lockSources(tx, ids)
      await copyTracks(tx, tracks)
      await follow(tx, ids)
    },
  })
}

async function copyTracks(tx: SqlExecutor, tracks: readonly object[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO album_track (track_id, album_id, disc, number, version)
    SELECT DISTINCT ON ("trackId") "trackId", "albumId", "discNumber", "trackNumber", version
      FROM jsonb_to_recordset(${JSON.stringify(tracks)}::text::jsonb)
           AS news ("trackId" text, "albumId" text, "discNumber" int, "trackNumber" int, version bigint)
     ORDER BY "trackId", version DESC
    ON CONFLICT (track_id) DO UPDATE SET (album_id, disc, number, version) =
      (excluded.album_id, excluded.disc, excluded.number, excluded.version)
     WHERE excluded.version > album_track.version`
}
