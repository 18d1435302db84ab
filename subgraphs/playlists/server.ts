import { readConfig } from '#shared/config.ts'
import { answers, roomAdapter } from '#shared/database.ts'
import { createRoom, type LocalRoom, type RoomDependencies } from '#shared/room.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'
import { openTopic } from '#shared/topics/open-topic.ts'
import { type PlaylistSettings, playlistSettings } from './config.ts'
import { createContext } from './context.ts'
import { loadDemoPlaylists, type PlaylistsDemo } from './demo.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { createTrackCopy } from './jobs/track-copy.ts'
import { resolvers } from './resolvers/index.ts'
import { createChangeService } from './services/changes.ts'
import { createEditQueue } from './services/edit-queue.ts'
import { createHistory } from './services/history.ts'
import { createPlaylistService } from './services/playlist-service.ts'
import { createWatch } from './services/watch.ts'

export interface PlaylistsRoom extends LocalRoom {
  loadDemo(demo: PlaylistsDemo): Promise<void>
  /** Where hints come and go: its size is the number of lists watched in this process. */
  readonly topic: HintTopic
  /** How many subscriptions are open. */
  watchers(): number
}

/** The room of playlists: lists, their items and history, who may edit them, and their changes as they happen. */
export async function createPlaylistsRoom(
  deps: RoomDependencies,
  settings: PlaylistSettings = readConfig(playlistSettings),
): Promise<PlaylistsRoom> {
  const { databaseUrl, log, logger } = deps
  const db = new PrismaClient({ adapter: roomAdapter(databaseUrl, 'playlists', 8, { keepsPlans: true }) })
  const topic = await openTopic(deps, 'playlists')
  const history = createHistory({ db, logger, keep: settings.PLAYLIST_HISTORY })
  const watch = createWatch({ db, topic, logger })
  const queue = createEditQueue({
    db,
    onCommit(playlistId, revision) {
      topic.say(playlistId, String(revision))
      history.grew(playlistId, revision)
    },
  })
  const services = {
    playlists: createPlaylistService({ db, topic, queue }),
    changes: createChangeService({ history, watch, logger }),
  }
  const tracks = createTrackCopy(db, log, logger)

  const room = createRoom({
    name: 'playlists',
    resolvers,
    logger,
    createContext: (identity) => createContext(identity, services, db),
    isReady: () => answers(db),
    async start() {
      tracks.start()
    },
    async stop() {
      await tracks.stop()
      watch.close()
      await topic.close()
      await db.$disconnect()
    },
  })
  return { ...room, topic, watchers: watch.size, loadDemo: (demo) => loadDemoPlaylists(db, demo) }
}
