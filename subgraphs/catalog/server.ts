import { join } from 'node:path'
import { readConfig } from '#shared/config.ts'
import { answers, roomAdapter } from '#shared/database.ts'
import { createLogClearing } from '#shared/log-clearing.ts'
import { createPrivacyPart } from '#shared/privacy/privacy-part.ts'
import { createRoom, type LocalRoom, type RoomDependencies } from '#shared/room.ts'
import { openScratch, openStorage } from '#shared/storage/open-storage.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import { createArtworkEdge } from './artwork-edge.ts'
import { createAudioMaker } from './audio/audio-maker.ts'
import { createComposer } from './audio/composer.ts'
import { createStoringComposer } from './audio/storing-composer.ts'
import { openRowStore } from './caching/open-row-store.ts'
import { createRowCache } from './caching/row-cache.ts'
import { createRowChanges } from './caching/row-changes.ts'
import { type CatalogSettings, catalogSettings } from './config.ts'
import type { Context } from './context.ts'
import { type CatalogDemo, draftDemo } from './demo.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { createAudioRequestsConsumer } from './jobs/audio-requests.ts'
import { type Composer, createComposing } from './jobs/composing.ts'
import { createPlaylistsConsumer } from './jobs/playlists.ts'
import { createPlaysConsumer } from './jobs/plays.ts'
import { createUploadWork } from './jobs/uploads.ts'
import { createWordClearing } from './jobs/word-clearing.ts'
import { lasting } from './lasting.ts'
import { createLoaders } from './loaders.ts'
import { resolvers } from './resolvers/index.ts'
import { createAudioJobs } from './services/audio-jobs.ts'
import { createCatalogue } from './services/catalogue.ts'
import { ensureAudio, type OnReady } from './services/ensured-audio.ts'
import { createEntityChanges } from './services/entity-changes.ts'
import { erase, eraseFiles, SECTIONS } from './services/erasure.ts'
import { createGenreList } from './services/genres.ts'
import { createNewReleases } from './services/new-releases.ts'
import { createNodes } from './services/nodes.ts'
import { createPostgresEngine } from './services/search/postgres-engine.ts'
import { createSearch } from './services/search/search.ts'
import { createSuggestions } from './services/search/suggestions.ts'
import { createTastes } from './services/search/tastes.ts'
import { createTakedowns } from './services/takedowns.ts'
import { createUploads } from './uploads/uploads.ts'

export interface CatalogRoom extends LocalRoom {
  /** Brings the demo catalogue in; safe to repeat. */
  loadDemo(demo: CatalogDemo): Promise<void>
  /** Resolves when these tracks and episodes have their audio; rejects with the reason when one cannot be composed. */
  ensureAudio(playableIds: readonly string[], onReady?: OnReady): Promise<void>
}

/** A composer may be given instead of the room's own. */
export type CatalogDependencies = RoomDependencies & { composer?: Composer }

/** Pieces composed at a time in one process. */
const WORKERS = 2

/** The catalogue: what there is to play, how it is found, and the audio of what is composed. */
export async function createCatalogRoom(
  deps: CatalogDependencies,
  settings: CatalogSettings = readConfig(catalogSettings),
): Promise<CatalogRoom> {
  const db = new PrismaClient({ adapter: roomAdapter(deps.databaseUrl, 'catalog', 8, { keepsPlans: true }) })
  const storage = await openStorage(deps)
  const jobs = createAudioJobs(db)
  const composer = deps.composer ?? openComposer(deps, storage)
  const composing = createComposing({ jobs, composer, workers: WORKERS, logger: deps.logger })
  const consumers = [
    createPlaylistsConsumer(deps, db),
    createPlaysConsumer(deps, db),
    createAudioRequestsConsumer(deps, db, () => composing.wake()),
  ]
  const rowChanges = createRowChanges(db, deps.log, deps.logger)
  const store = openRowStore(deps, settings)
  const cache = createRowCache(store, rowChanges.isFollowed)
  const engine = createPostgresEngine(db)
  const suggestions = createSuggestions(engine, rowChanges.isFollowed)
  rowChanges.onChange((ids) => {
    cache.evict(ids)
    suggestions.clear()
  })
  const search = createSearch({ engine, suggestions, tastes: createTastes(db) })
  const genres = createGenreList(db)
  const newReleases = createNewReleases(db)
  const takedowns = createTakedowns(db)
  const uploads = createUploads(db, storage)
  const scratch = openScratch(deps.home)
  const maker = createAudioMaker({ storage, scratch })
  const uploadWork = createUploadWork({ db, storage, scratch, maker, logger: deps.logger })
  const changes = createEntityChanges(deps.log)
  const wordClearing = createWordClearing(db, deps.logger)
  const privacyPart = createPrivacyPart({
    ...{ room: 'catalog', db, storage, scratch, erase, sections: SECTIONS },
    databaseUrl: deps.databaseUrl,
    log: deps.log,
    logger: deps.logger,
    eraseFiles: (userId) => eraseFiles(db, storage, userId),
  })
  const logClearing = createLogClearing({ ...deps, room: 'catalog', lasting })

  const room = createRoom<Context>({
    name: 'catalog',
    resolvers,
    createContext(identity) {
      const loaders = createLoaders(db, cache, identity)
      return {
        identity,
        loaders,
        nodes: createNodes(loaders),
        search,
        genres,
        newReleases,
        takedowns,
        uploads,
        changes,
        urlOf: (key) => `${deps.publicUrl}/${key}`,
      }
    },
    handlers: [
      createArtworkEdge(storage, deps.logger),
      ...(storage.handler === null ? [] : [storage.handler]),
    ],
    isReady: () => answers(db),
    async start() {
      await rowChanges.start()
      for (const consumer of consumers) consumer.start()
      privacyPart.start()
      wordClearing.start()
      composing.start()
      await uploadWork.start()
      logClearing.start()
    },
    async stop() {
      await logClearing.stop()
      await uploadWork.stop()
      await composing.stop()
      await privacyPart.stop()
      await wordClearing.stop()
      for (const consumer of consumers) await consumer.stop()
      await rowChanges.stop()
      await store.close()
      await storage.close()
      await db.$disconnect()
    },
    logger: deps.logger,
  })

  return {
    ...room,
    async loadDemo(demo) {
      const catalogue = createCatalogue(db)
      const written = await catalogue.write(draftDemo(demo))
      if (written.length > 0) await catalogue.analyze()
    },
    ensureAudio: (ids, onReady = () => undefined) =>
      ensureAudio({ db, jobs, composing, storage }, ids, onReady),
  }
}

/** In a home that stores its audio itself pieces are made where they stay. */
function openComposer({ home, s3 }: RoomDependencies, storage: ObjectStorage): Composer {
  if (s3 === undefined) return createComposer({ root: join(home, 'audio'), workers: WORKERS })
  const root = join(home, 'composed')
  return createStoringComposer(createComposer({ root, workers: WORKERS }), root, storage)
}
