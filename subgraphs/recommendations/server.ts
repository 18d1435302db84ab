import { readConfig } from '#shared/config.ts'
import { answers, roomAdapter } from '#shared/database.ts'
import { createLogClearing } from '#shared/log-clearing.ts'
import { createPrivacyPart } from '#shared/privacy/privacy-part.ts'
import { privacyAnsweredTopic } from '#shared/privacy/requests.ts'
import { createRoom, type LocalRoom, type RoomDependencies } from '#shared/room.ts'
import { openScratch, openStorage } from '#shared/storage/open-storage.ts'
import { type RecommendationsSettings, recommendationsSettings } from './config.ts'
import { createContext, type Services } from './context.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { createPlayClearing } from './jobs/clearing.ts'
import { createPlayCopy } from './jobs/play-copy.ts'
import { createTrackCopy } from './jobs/track-copy.ts'
import { resolvers } from './resolvers/index.ts'
import { createCharts } from './services/charts.ts'
import { createCurrentModel } from './services/current-model.ts'
import { erase, SECTIONS } from './services/erasure.ts'
import { createHeatReader } from './services/heat.ts'
import { createNeighbours } from './services/neighbours.ts'
import { createPlays } from './services/plays.ts'
import { createRecommendations } from './services/recommendations.ts'
import { createTrackRows } from './services/track-rows.ts'
import { createTrending } from './services/trending.ts'

/** The room that knows what is like what and what is played now. Everything in it is a copy: it can be filled anew. */
export async function createRecommendationsRoom(
  deps: RoomDependencies,
  settings: RecommendationsSettings = readConfig(recommendationsSettings),
): Promise<LocalRoom> {
  const { databaseUrl, log, logger } = deps
  const db = new PrismaClient({ adapter: roomAdapter(databaseUrl, 'recommendations') })
  const storage = await openStorage(deps)
  const current = createCurrentModel(createTrackRows(db), logger, {
    refreshMs: settings.CADENZA_MODEL_REFRESH_MS,
  })
  const charts = createCharts(createHeatReader(db), { refreshMs: settings.CADENZA_CHART_REFRESH_MS })
  const services: Services = {
    current,
    neighbours: createNeighbours(),
    recommendations: createRecommendations(current, charts, createPlays(db)),
    trending: createTrending(current, charts),
  }
  const jobs = [
    createTrackCopy(db, log, logger),
    createPlayCopy(db, log, logger),
    createPlayClearing(db, logger),
    createPrivacyPart({
      ...{ room: 'recommendations', databaseUrl, db, log, logger, storage, erase, sections: SECTIONS },
      scratch: openScratch(deps.home),
    }),
    createLogClearing({
      databaseUrl,
      log,
      logger,
      room: 'recommendations',
      lasting: { state: [], news: [privacyAnsweredTopic('recommendations')] },
    }),
    current,
  ]

  return createRoom({
    name: 'recommendations',
    resolvers,
    logger,
    createContext: (identity) => createContext(identity, services),
    isReady: () => answers(db),
    async start() {
      for (const job of jobs) job.start()
    },
    async stop() {
      await Promise.all(jobs.map((job) => job.stop()))
      await storage.close()
      await db.$disconnect()
    },
  })
}
