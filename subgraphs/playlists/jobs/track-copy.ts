import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { EventLog, LogEvent } from '#shared/event-log.ts'
import type { Logger } from '#shared/telemetry.ts'
import { TRACK_CHANGED, trackChanged } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Keeps this room's copy of tracks: an edit then needs no other room to know which exist, nor a list how long it plays. */
export function createTrackCopy(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'playlists.tracks',
    source: 'catalog',
    topics: [TRACK_CHANGED],
    log,
    db,
    logger,
    apply: copyTracks,
  })
}

/** The newest of each track wins, in whatever order they come. */
export async function copyTracks(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void> {
  const tracks = events.map((event) => trackChanged.parse(event.payload))
  await tx.$executeRaw`
    INSERT INTO track (id, duration_ms, album_id, is_removed, version)
    SELECT DISTINCT ON (id) * FROM unnest(
        ${tracks.map((track) => track.trackId)}::text[], ${tracks.map((track) => track.durationMs)}::int[],
        ${tracks.map((track) => track.albumId ?? null)}::text[],
        ${tracks.map((track) => track.isRemoved)}::boolean[], ${tracks.map((track) => track.version)}::bigint[]
      ) AS changed(id, duration_ms, album_id, is_removed, version)
     ORDER BY id, version DESC
    ON CONFLICT (id) DO UPDATE
       SET duration_ms = excluded.duration_ms, album_id = excluded.album_id, is_removed = excluded.is_removed,
           version = excluded.version
     WHERE excluded.version > track.version OR (excluded.version = track.version AND track.album_id IS NULL)`
}
