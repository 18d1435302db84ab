import { readPageOf } from '../cursors.ts'
import type { QueryResolvers } from '../generated/graphql.ts'

export const Query: QueryResolvers = {
  node: (_, { id }, { nodes }) => nodes.load(id),
  nodes: (_, { ids }, { nodes }) => nodes.loadMany(ids),
  track: (_, { id }, { loaders }) => loaders.trackById.load(id),
  album: (_, { id }, { loaders }) => loaders.albumById.load(id),
  artist: (_, { id }, { loaders }) => loaders.artistById.load(id),
  show: (_, { id }, { loaders }) => loaders.showById.load(id),
  search: (_, { query, first }, { search, identity }) => search.search(identity, query, first),
  suggest: (_, { prefix, first }, { search }) => search.suggest(prefix, first),
  genres: (_, args, { genres }) => genres.list(readPageOf('genres', args)),
  upload: (_, { id }, { loaders }) => loaders.uploadById.load(id),
  catalogTakedowns: (_, { isStanding, ...page }, { identity, takedowns }) =>
    takedowns.list(identity, readPageOf('takedowns', page), isStanding ?? null),
  newReleases: (_, args, { newReleases }) => newReleases.list(readPageOf('newReleases', args)),
}
