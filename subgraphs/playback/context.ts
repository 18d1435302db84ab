import type { Identity } from '#shared/identity.ts'
import type { ArtistAnalytics } from './analytics/artist-analytics.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import { createLoaders, type Loaders } from './loaders.ts'
import type { RightsDesk } from './royalties/rights-desk.ts'
import type { RoyaltyBooks } from './royalties/royalty-books.ts'
import type { RoyaltyReads } from './royalties/royalty-reads.ts'
import type { History } from './services/history.ts'
import type { ListeningSessions } from './services/listening-sessions.ts'
import type { ListeningStatistics } from './services/listening-stats.ts'
import type { OfflineDeltas } from './services/offline-delta.ts'
import type { OfflineService } from './services/offline-service.ts'
import type { PlayerService } from './services/player-service.ts'
import type { ReportService } from './services/reports.ts'
import type { StreamService } from './services/streams.ts'

/** What lasts as long as the room. */
export interface Services {
  streams: StreamService
  reports: ReportService
  players: PlayerService
  listening: ListeningSessions
  history: History
  statistics: ListeningStatistics
  analytics: ArtistAnalytics
  offline: OfflineService
  offlineDelta: OfflineDeltas
  royaltyBooks: RoyaltyBooks
  royaltyReads: RoyaltyReads
  rights: RightsDesk
}

/** What a resolver sees of the world: who asks, the services, and loaders that last for one request. */
export interface Context extends Services {
  identity: Identity
  loaders: Loaders
  /** The moment as of which everything of one answer is told: ms of the room's clock. */
  moment: number
}

export function createContext(
  identity: Identity,
  services: Services,
  db: PrismaClient,
  moment: number,
): Context {
  return { ...services, identity, loaders: createLoaders(db, identity), moment }
}
