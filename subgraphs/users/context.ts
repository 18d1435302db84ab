import type { ChangeFeed } from '#shared/change-feed.ts'
import type { Identity } from '#shared/identity.ts'
import { createLoaders, type Loaders } from './loaders.ts'
import type { AccessTokens } from './services/access-tokens.ts'
import type { AccountService } from './services/accounts.ts'
import type { DeviceService } from './services/devices.ts'
import type { Feed } from './services/feed.ts'
import type { FollowService } from './services/follows.ts'
import type { PrivacyService } from './services/privacy.ts'
import type { SessionService } from './services/sessions.ts'

/** What lasts as long as the room. */
export interface Services {
  accounts: AccountService
  sessions: SessionService
  devices: DeviceService
  follows: FollowService
  feed: Feed
  privacy: PrivacyService
  accessTokens: AccessTokens
  /** Ids of those whose accounts change. */
  changes: ChangeFeed<string>
}

/** What a resolver sees of the world: who asks, the services, and loaders that last for one request. */
export interface Context extends Services {
  identity: Identity
  loaders: Loaders
}

export function createContext(identity: Identity, services: Services): Context {
  return { ...services, identity, loaders: createLoaders(identity, services) }
}
