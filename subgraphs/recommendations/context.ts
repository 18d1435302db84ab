import type { Identity } from '#shared/identity.ts'
import { createLoaders, type Loaders } from './loaders.ts'
import type { CurrentModel } from './services/current-model.ts'
import type { Neighbours } from './services/neighbours.ts'
import type { Recommendations } from './services/recommendations.ts'
import type { Trending } from './services/trending.ts'

/** What lasts as long as the room. */
export interface Services {
  current: CurrentModel
  neighbours: Neighbours
  recommendations: Recommendations
  trending: Trending
}

/** What a resolver sees of the world: who asks, the services, and loaders that last for one request. */
export interface Context extends Services {
  identity: Identity
  loaders: Loaders
}

export function createContext(identity: Identity, services: Services): Context {
  return { ...services, identity, loaders: createLoaders(services) }
}
