import { join } from 'node:path'
import { readConfig } from '#shared/config.ts'
import { answers, roomAdapter, type SqlExecutor } from '#shared/database.ts'
import { createLogClearing } from '#shared/log-clearing.ts'
import { createPrivacyPart } from '#shared/privacy/privacy-part.ts'
import { createRoom, type LocalRoom, type RoomDependencies } from '#shared/room.ts'
import { openStorage } from '#shared/storage/open-storage.ts'
import { createScratch } from '#shared/storage/scratch.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'
import { openTopic } from '#shared/topics/open-topic.ts'
import { createArtistAnalytics } from './analytics/artist-analytics.ts'
import { createArtistExports } from './analytics/artist-export.ts'
import { type PlaybackSettings, playbackSettings } from './config.ts'
import { createContext, type Services } from './context.ts'
import { loadDemoPlays, type PlaybackDemo } from './demo.ts'
import { createDownloadEdge } from './download-edge.ts'
import { createEdge } from './edge.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { createAccountCopy } from './jobs/account-copy.ts'
import { createAlbumCopy } from './jobs/album-copy.ts'
import { createCatalogueCopy } from './jobs/catalogue-copy.ts'
import { createEventClearing } from './jobs/clearing.ts'
import { openDatabaseClock } from './jobs/database-clock.ts'
import { createDeviceKindCopy } from './jobs/device-kind-copy.ts'
import { createFreshness } from './jobs/freshness.ts'
import { createPackaging, PACKAGING } from './jobs/packaging.ts'
import { createPartitionMaking } from './jobs/play-partitions.ts'
import { createPlaylistAdds } from './jobs/playlist-adds.ts'
import { createPlaylistCopy } from './jobs/playlist-copy.ts'
import { openStreamSecrets } from './jobs/stream-secrets.ts'
import { createTallies } from './jobs/tallies.ts'
import { createTallyChecking } from './jobs/tally-checking.ts'
import { createTallyClearing } from './jobs/tally-clearing.ts'
import { createTrackArtistCopy } from './jobs/track-artist-copy.ts'
import { lasting } from './lasting.ts'
import { createOfflineEdge } from './offline-edge.ts'
import { resolvers } from './resolvers/index.ts'
import { keepVerdicts } from './royalties/kept-verdicts.ts'
import { createRoyalties } from './royalties/royalties.ts'
import { createAssetStore } from './services/asset-store.ts'
import { createDownloadUrls } from './services/download-url.ts'
import { erase, eraseFiles } from './services/erasure.ts'
import { SECTIONS } from './services/export-sections.ts'
import { createHistory } from './services/history.ts'
import { createListeningSessions } from './services/listening-sessions.ts'
import { createListeningStatistics } from './services/listening-stats.ts'
import { createOfflineDeltas } from './services/offline-delta.ts'
import { followSources } from './services/offline-holdings.ts'
import { createLicences } from './services/offline-licence.ts'
import { createOfflineService } from './services/offline-service.ts'
import { createOfflineUrls } from './services/offline-url.ts'
import { createPlayDecider } from './services/play-decision.ts'
import { createPlayPartitions } from './services/play-partitions.ts'
import { createPlayerService } from './services/player-service.ts'
import { createReportService } from './services/reports.ts'
import { createStreamKeys } from './services/stream-keys.ts'
import { createStreamService } from './services/streams.ts'
import { createTurns } from './services/turns.ts'

export interface PlaybackRoom extends LocalRoom {
  /** Two months of finished plays, so that what counts plays has plays to count. */
  loadDemo(demo: PlaybackDemo): Promise<void>
  /** Where hints come and go. */
  readonly topic: HintTopic
  /** How many subscriptions are open. */
  watchers(): number
}

/** The room that decides what may play, signs where it lies, serves it, and counts what was heard. `given` is its clock (ms): the database's if left out. */
export async function createPlaybackRoom(
  deps: RoomDependencies,
  given?: () => number,
  settings: PlaybackSettings = readConfig(playbackSettings),
): Promise<PlaybackRoom> {
  const { databaseUrl, home, log, logger, publicUrl } = deps
  const db = new PrismaClient({ adapter: roomAdapter(databaseUrl, 'playback', 8, { keepsPlans: true }) })
  const clock = await openDatabaseClock(db, logger)
  const now = given ?? clock.now
  const secrets = await openStreamSecrets(home, db, logger)
  const storage = await openStorage(deps)
  const assets = createAssetStore(db)
  const { ring, hosts, contentKeys } = secrets
  const decide = createPlayDecider({ db, assets, now })
  const keys = createStreamKeys({ db, decide, contentKeys })
  const topic = await openTopic(deps, 'playback')
  const players = createPlayerService({ db, topic, logger, now })
  const listening = createListeningSessions({ db, topic, logger, now })
  const licences = await createLicences(home, contentKeys)
  const urls = createOfflineUrls(ring, publicUrl)
  const downloadUrls = createDownloadUrls(ring, publicUrl)
  const follow = async (tx: SqlExecutor, sourceIds: readonly string[]): Promise<void> => {
    const followed = await followSources(tx, sourceIds, new Date(now()))
    if (followed.length > 0) topic.say(PACKAGING, '')
  }
  const partitions = createPlayPartitions(db)
  const terms = settings.CADENZA_ROYALTY_TERMS
  const royalties = createRoyalties({ db, log, logger, terms, urls: downloadUrls, now })
  const services: Services = {
    streams: createStreamService({ db, decide, ring, hosts, publicUrl, now, onStart: players.changed }),
    reports: createReportService(db, partitions, now),
    players,
    listening,
    history: createHistory(db),
    statistics: createListeningStatistics(db),
    analytics: createArtistAnalytics(downloadUrls),
    offline: createOfflineService({
      db,
      licences,
      turns: createTurns(),
      now,
      onQueued: () => topic.say(PACKAGING, ''),
    }),
    offlineDelta: createOfflineDeltas({ db, licences, urls, now }),
    ...royalties.services,
  }
  const copies = {
    catalogue: createCatalogueCopy(db, log, logger),
    accounts: createAccountCopy(db, log, logger),
  }
  const tallies = createTallies(db, log, logger)
  const jobs = [
    ...Object.values(copies),
    createPrivacyPart({
      ...{ room: 'playback', databaseUrl, db, log, logger, storage, sections: SECTIONS },
      scratch: createScratch(join(home, 'scratch')),
      eraseFiles: (userId) => eraseFiles(db, storage, userId),
      async erase(tx, userId, onCommit) {
        await keepVerdicts(tx, userId, terms)
        for (const key of [userId, await erase(tx, userId)])
          if (key !== null) onCommit(() => topic.say(key, ''))
      },
    }),
    createTrackArtistCopy(db, log, logger),
    createDeviceKindCopy(db, log, logger),
    createPartitionMaking(partitions, now, logger),
    createFreshness(copies, now),
    createAlbumCopy({ db, log, logger, follow }),
    createPlaylistCopy({ db, log, logger, follow }),
    createPlaylistAdds(db, log, logger),
    tallies,
    createTallyChecking({ db, tallies, now, logger }),
    createTallyClearing(db, now, logger),
    createPackaging({
      ...{ db, assets, storage, contentKeys, topic, now, logger },
      scratch: createScratch(join(home, 'scratch')),
    }),
    ...royalties.jobs,
    clock,
    createEventClearing(db, now, logger),
    createLogClearing({ ...deps, room: 'playback', lasting }),
    secrets,
  ]

  const room = createRoom({
    name: 'playback',
    resolvers,
    logger,
    createContext: (identity) => createContext(identity, services, db, now()),
    handlers: [
      createEdge({ ring, assets, storage, contentKeys, keys, publicUrl, now, logger }),
      createOfflineEdge({ db, urls, keySet: licences.keySet, storage, now, logger }),
      createDownloadEdge({
        urls: downloadUrls,
        sources: { artists: createArtistExports(db, now), royalties: royalties.downloads },
        ...{ now, logger },
      }),
    ],
    isReady: () => answers(db),
    async start() {
      for (const job of jobs) job.start()
    },
    async stop() {
      await Promise.all(jobs.map((job) => job.stop()))
      players.close()
      listening.close()
      await topic.close()
      await storage.close()
      await db.$disconnect()
    },
  })
  return {
    ...room,
    topic,
    watchers: () => players.watchers() + listening.watchers(),
    loadDemo: (demo) => loadDemoPlays(db, partitions, demo, now()),
  }
}
