import { readConfig } from '#shared/config.ts'
import { answers, roomAdapter } from '#shared/database.ts'
import { createLogClearing } from '#shared/log-clearing.ts'
import { createPrivacyPart } from '#shared/privacy/privacy-part.ts'
import { createRoom, type LocalRoom, type RoomDependencies } from '#shared/room.ts'
import { openScratch, openStorage } from '#shared/storage/open-storage.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'
import { openTopic } from '#shared/topics/open-topic.ts'
import { type PlaylistSettings, playlistSettings } from './config.ts'
import { createContext } from './context.ts'
import { createCoverEdge } from './cover-edge.ts'
import { loadDemoPlaylists, type PlaylistsDemo } from './demo.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { createOfferClearing } from './jobs/clearing.ts'
import { createTrackCopy } from './jobs/track-copy.ts'
import { lasting } from './lasting.ts'
import { resolvers } from './resolvers/index.ts'
import { createChangeService } from './services/changes.ts'
import { createCoverService } from './services/covers.ts'
import { createEditQueue } from './services/edit-queue.ts'
import { erase, ownLists } from './services/erasure.ts'
import { SECTIONS } from './services/export-sections.ts'
import { createFolderService } from './services/folders.ts'
import { createHistory } from './services/history.ts'
import { createPlaylistService } from './services/playlist-service.ts'
import { createPresence } from './services/presence.ts'
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
  const { databaseUrl, publicUrl, log, logger } = deps
  const db = new PrismaClient({ adapter: roomAdapter(databaseUrl, 'playlists', 8, { keepsPlans: true }) })
  const [topic, storage] = await Promise.all([openTopic(deps, 'playlists'), openStorage(deps)])
  const history = createHistory({ db, logger, keep: settings.PLAYLIST_HISTORY })
  const watch = createWatch({ db, topic, logger })
  const queue = createEditQueue({
    db,
    onCommit(playlistId, revision) {
      topic.say(playlistId, String(revision))
      history.grew(playlistId, revision)
    },
  })
  const tools = { db, topic, queue }
  const services = {
    playlists: createPlaylistService(tools),
    changes: createChangeService({ history, watch, logger }),
    presence: createPresence({ topic, watch }),
    covers: createCoverService(tools, publicUrl),
    folders: createFolderService(tools),
  }
  const jobs = [
    createTrackCopy(db, log, logger),
    createPrivacyPart({
      ...{ room: 'playlists', databaseUrl, db, log, logger, storage, sections: SECTIONS },
      scratch: openScratch(deps.home),
      keysOf: (userId) => ownLists(db, userId),
      async erase(tx, userId, onCommit) {
        for (const id of await erase(tx, userId)) onCommit(() => topic.say(id, 'erased'))
      },
    }),
    createOfferClearing(db, logger),
    createLogClearing({ ...deps, room: 'playlists', lasting }),
  ]

  const room = createRoom({
    name: 'playlists',
    resolvers,
    logger,
    createContext: (identity) => createContext(identity, services, db),
    isReady: () => answers(db),
    handlers: [createCoverEdge(services.covers, logger)],
    async start() {
      for (const job of jobs) job.start()
    },
    async stop() {
      await Promise.all(jobs.map((job) => job.stop()))
      services.presence.close()
      watch.close()
      await topic.close()
      await storage.close()
      await db.$disconnect()
    },
  })
  return { ...room, topic, watchers: watch.size, loadDemo: (demo) => loadDemoPlaylists(db, demo) }
}
