import type { Identity } from '#shared/identity.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import { createLoaders, type Loaders } from './loaders.ts'
import type { ChangeService } from './services/changes.ts'
import type { CoverService } from './services/covers.ts'
import type { FolderService } from './services/folders.ts'
import type { PlaylistService } from './services/playlist-service.ts'
import type { PresenceService } from './services/presence.ts'

/** What lasts as long as the room. */
export interface Services {
  playlists: PlaylistService
  changes: ChangeService
  presence: PresenceService
  covers: CoverService
  folders: FolderService
}

/** What a resolver sees of the world: who asks, the services, and loaders that last for one request or one event. */
export interface Context extends Services {
  identity: Identity
  loaders: Loaders
}

export function createContext(identity: Identity, services: Services, db: PrismaClient): Context {
  return { ...services, identity, loaders: createLoaders(db, identity.userId) }
}
