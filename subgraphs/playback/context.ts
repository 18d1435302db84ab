import type { Identity } from '#shared/identity.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import { createLoaders, type Loaders } from './loaders.ts'
import type { ReportService } from './services/reports.ts'
import type { StreamService } from './services/streams.ts'

/** What lasts as long as the room. */
export interface Services {
  streams: StreamService
  reports: ReportService
}

/** What a resolver sees of the world: who asks, the services, and loaders that last for one request. */
export interface Context extends Services {
  identity: Identity
  loaders: Loaders
}

export function createContext(identity: Identity, services: Services, db: PrismaClient): Context {
  return { ...services, identity, loaders: createLoaders(db, identity) }
}
