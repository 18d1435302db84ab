import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { EventLog } from '#shared/event-log.ts'
import { dayOf } from '../analytics/days.ts'
import { PLAYLIST_ITEMS_CHANGED, playlistItemsChanged } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Counts by track and day how often something was put into a playlist, public or not; what is taken out again was put in. */
export function createPlaylistAdds(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'playback.playlist-adds',
    source: 'playlists',
    topics: [PLAYLIST_ITEMS_CHANGED],
    log,
    db,
    logger,
    async apply(tx, events) {
      const added = events.flatMap(({ at, payload }) =>
        playlistItemsChanged
          .parse(payload)
          .ops.flatMap((op) => (op.kind === 'ItemsAdded' ? op.items : []))
          .map(({ trackId }) => ({ trackId, day: dayOf(at) })),
      )
      if (added.length === 0) return
      await tx.$executeRaw`
        INSERT INTO playlist_add (track_id, day, adds)
        SELECT "trackId", day, count(*)
          FROM jsonb_to_recordset(${JSON.stringify(added)}::text::jsonb) AS news ("trackId" text, day date)
         GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (track_id, day) DO UPDATE SET adds = playlist_add.adds + excluded.adds`
    },
  })
}
