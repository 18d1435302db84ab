import { readPage, toConnection } from '#shared/connection.ts'
import { isIdOf } from '#shared/id.ts'
import type { Context } from '../context.ts'
import type {
  PlaylistConnectionResolvers,
  PlaylistEdgeResolvers,
  UserResolvers,
} from '../generated/graphql.ts'
import type { Shelf } from '../models.ts'
import { shelfCursor, shelfQuery } from '../services/library.ts'

export const User: UserResolvers = {
  __resolveReference: ({ id }) => (isIdOf('user', id) ? { id } : null),
  playlists: ({ id }, args, context) => pageOfShelf(id, args, context),
}

export const PlaylistConnection: PlaylistConnectionResolvers = {
  nodes: ({ nodes }, _, { loaders }) =>
    Promise.all(nodes.map(({ playlistId }) => loaders.playlistById.load(playlistId))),
  totalCount: ({ query }, _, { loaders }) => loaders.shelfCount.load(query),
}

export const PlaylistEdge: PlaylistEdgeResolvers = {
  node: ({ node }, _, { loaders }) => loaders.playlistById.load(node.playlistId),
}

async function pageOfShelf(
  userId: string,
  args: { first?: number | null; after?: string | null },
  { identity, loaders }: Context,
): Promise<Shelf> {
  const page = readPage(args)
  const query = shelfQuery(userId, identity.userId, page)
  return { ...toConnection(await loaders.shelf.load(query), page, shelfCursor), query }
}
