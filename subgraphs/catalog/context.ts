import type { Identity } from '#shared/identity.ts'
import type { Loaders } from './loaders.ts'
import type { EntityChanges } from './services/entity-changes.ts'
import type { GenreList } from './services/genres.ts'
import type { NewReleases } from './services/new-releases.ts'
import type { Nodes } from './services/nodes.ts'
import type { Search } from './services/search/search.ts'
import type { Takedowns } from './services/takedowns.ts'
import type { Uploads } from './uploads/uploads.ts'

/** What a resolver has in hand for one request. */
export interface Context {
  identity: Identity
  loaders: Loaders
  nodes: Nodes
  search: Search
  genres: GenreList
  newReleases: NewReleases
  takedowns: Takedowns
  uploads: Uploads
  changes: EntityChanges
  /** Where a client finds what is stored under a key. */
  urlOf(key: string): string
}
