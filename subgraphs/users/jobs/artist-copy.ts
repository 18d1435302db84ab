import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { EventLog } from '#shared/event-log.ts'
import { ARTIST_CHANGED, artistChanged } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Keeps which artists there are, so that following one needs no other room. */
export function createArtistCopy(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'users.artists',
    source: 'catalog',
    topics: [ARTIST_CHANGED],
    log,
    db,
    logger,
    async apply(tx, events) {
      const artists = events.map((event) => artistChanged.parse(event.payload))
      await tx.$executeRaw`
        INSERT INTO artist (id, version)
        SELECT id, max(version) FROM unnest(${artists.map(({ artistId }) => artistId)}::text[],
                                            ${artists.map(({ version }) => version)}::int[]) AS changed (id, version)
         GROUP BY id
        ON CONFLICT (id) DO UPDATE SET version = excluded.version WHERE excluded.version > artist.version`
    },
  })
}
