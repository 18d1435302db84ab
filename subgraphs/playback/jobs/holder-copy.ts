import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { EventLog } from '#shared/event-log.ts'
import { ARTIST_CHANGED, artistNamed, TRACK_CHANGED, trackNamed } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { holderIdOf } from '../royalties/rights.ts'

/** Makes a rights holder of each artist that is credited, by the name the catalogue has for them: until somebody says otherwise, it is they who are paid. */
export function createHolderCopy(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'playback.rights-holders',
    source: 'catalog',
    topics: [ARTIST_CHANGED, TRACK_CHANGED],
    log,
    db,
    logger,
    async apply(tx, events) {
      // A track names its artists without a version of theirs: any the artist's own news has is newer.
      const artists = events.flatMap(({ topic, payload }) =>
        topic === ARTIST_CHANGED
          ? [artistNamed.parse(payload)]
          : trackNamed.parse(payload).artists.map(({ id, name }) => ({ artistId: id, name, version: 0 })),
      )
      const rows = artists.map((artist) => ({ ...artist, id: holderIdOf(artist.artistId) }))
      await tx.$executeRaw`
        INSERT INTO rights_holder (id, name, role, artist_id, version)
        SELECT DISTINCT ON (id) id, name, 'ARTIST', "artistId", version
          FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) AS news (id text, name text, "artistId" text, version bigint)
         ORDER BY id, version DESC
        ON CONFLICT (id) DO UPDATE SET (name, version) = (excluded.name, excluded.version)
         WHERE excluded.version > rights_holder.version OR rights_holder.name = rights_holder.artist_id`
    },
  })
}
