import { readPage, toConnection } from '#shared/connection.ts'
import type { Context } from '../context.ts'
import type { PlaylistConnectionResolvers, PlaylistEdgeResolvers } from '../generated/graphql.ts'
import type { Shelf } from '../models.ts'
import { shelfCursor, shelfQuery } from '../services/library.ts'

export const PlaylistConnection: PlaylistConnectionResolvers = {
  nodes: ({ nodes }, _, { loaders }) =>
    Promise.all(nodes.map(({ playlistId }) => loaders.playlistById.load(playlistId))),
  totalCount: ({ query }, _, { loaders }) => loaders.shelfCount.load(query),
}

export const PlaylistEdge: PlaylistEdgeResolvers = {
  node: ({ node }, _, { loaders }) => loaders.playlistById.load(node.playlistId),
}

/** A page of a person's lists, or of one folder of theirs. */
export async function pageOfShelf(
  userId: string,
  args: { first?: number | null; after?: string | null },
  { identity, loaders }: Context,
  folderId: string | null = null,
): Promise<Shelf> {
  const page = readPage(args)
  const query = shelfQuery(userId, identity.userId, page, folderId)
  return { ...toConnection(await loaders.shelf.load(query), page, shelfCursor), query }
}
