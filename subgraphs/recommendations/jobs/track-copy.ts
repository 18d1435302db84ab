import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { EventLog, LogEvent } from '#shared/event-log.ts'
import { TRACK_CHANGED, trackChanged } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Keeps this room's copy of tracks: who plays them, where they may be heard and how they sound. */
export function createTrackCopy(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'recommendations.tracks',
    source: 'catalog',
    topics: [TRACK_CHANGED],
    log,
    db,
    logger,
    apply: copyTracks,
  })
}

/** The newest of each track wins, in whatever order they come. */
async function copyTracks(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void> {
  const rows = events.map(({ payload }) => {
    const { trackId, artists, markets, releaseDate, features, isRemoved, ...track } =
      trackChanged.parse(payload)
    return {
      ...track,
      ...features,
      id: trackId,
      artist_ids: artists.map((artist) => artist.id),
      markets: markets ?? null,
      release_year: releaseDate == null ? null : Number(releaseDate.slice(0, 4)),
      is_removed: isRemoved,
    }
  })
  await tx.$executeRaw`
    INSERT INTO track (id, title, artist_ids, genres, markets, popularity, release_year, tempo, key, mode, energy,
                       danceability, valence, acousticness, instrumentalness, loudness, speechiness, is_removed, version, changed)
    SELECT DISTINCT ON (id) *, nextval('track_changed')
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) AS row (
        id text, title text, artist_ids text[], genres text[], markets text[], popularity int, release_year int,
        tempo float8, key int, mode int, energy float8, danceability float8, valence float8, acousticness float8,
        instrumentalness float8, loudness float8, speechiness float8, is_removed boolean, version bigint)
     ORDER BY id, version DESC
    ON CONFLICT (id) DO UPDATE
       SET (title, artist_ids, genres, markets, popularity, release_year, tempo, key, mode, energy, danceability, valence,
            acousticness, instrumentalness, loudness, speechiness, is_removed, version, changed)
         = (excluded.title, excluded.artist_ids, excluded.genres, excluded.markets, excluded.popularity,
            excluded.release_year, excluded.tempo, excluded.key, excluded.mode, excluded.energy, excluded.danceability,
            excluded.valence, excluded.acousticness, excluded.instrumentalness, excluded.loudness, excluded.speechiness,
            excluded.is_removed, excluded.version, excluded.changed)
     WHERE excluded.version > track.version`
}
