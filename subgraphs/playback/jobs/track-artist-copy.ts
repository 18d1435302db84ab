import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { EventLog } from '#shared/event-log.ts'
import { TRACK_CHANGED, trackCredited } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Keeps whose each track is, and on which album: what a play of it is counted for. */
export function createTrackArtistCopy(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'playback.track-artists',
    source: 'catalog',
    topics: [TRACK_CHANGED],
    log,
    db,
    logger,
    async apply(tx, events) {
      const tracks = events.map(({ payload }) => {
        const { artists, ...track } = trackCredited.parse(payload)
        return { ...track, artistIds: artists.map(({ id }) => id) }
      })
      await tx.$executeRaw`
        INSERT INTO track_artist (track_id, artist_ids, album_id, version)
        SELECT DISTINCT ON ("trackId") "trackId", "artistIds", "albumId", version
          FROM jsonb_to_recordset(${JSON.stringify(tracks)}::text::jsonb)
               AS news ("trackId" text, "artistIds" text[], "albumId" text, version bigint)
         ORDER BY "trackId", version DESC
        ON CONFLICT (track_id) DO UPDATE
          SET (artist_ids, album_id, version) = (excluded.artist_ids, excluded.album_id, excluded.version)
         WHERE excluded.version > track_artist.version`
    },
  })
}
