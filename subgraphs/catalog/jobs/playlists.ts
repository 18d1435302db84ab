import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { RoomDependencies } from '#shared/room.ts'
import { PLAYLIST_CHANGED, playlistChanged } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { writePlaylistNames } from '../services/playlist-names.ts'

/** Keeps the names of public playlists, so that they can be found. */
export function createPlaylistsConsumer(
  deps: Pick<RoomDependencies, 'log' | 'logger'>,
  db: PrismaClient,
): Consumer {
  return createConsumer({
    name: 'catalog.playlists',
    source: 'playlists',
    topics: [PLAYLIST_CHANGED],
    log: deps.log,
    logger: deps.logger,
    db,
    apply: (tx, events) =>
      writePlaylistNames(
        tx,
        events.map(({ payload }) => playlistChanged.parse(payload)),
      ),
  })
}
