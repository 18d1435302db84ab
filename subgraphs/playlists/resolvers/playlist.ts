import { readPage, toConnection } from '#shared/connection.ts'
import type { Context } from '../context.ts'
import type { PlaylistCollaboratorResolvers, PlaylistResolvers } from '../generated/graphql.ts'
import type { ItemConnection, SeenPlaylist } from '../models.ts'
import { roleOf } from '../services/access.ts'
import { itemCursor, itemsQuery } from '../services/items.ts'

export const Playlist: PlaylistResolvers = {
  __resolveReference: (key, { loaders }) => loaders.playlistById.load('id' in key ? key.id : key.ref),
  ref: ({ id }) => id,
  viewerRole: (playlist, _, { identity }) => roleOf(playlist, identity.userId, playlist.memberRole),
  owner: ({ ownerId }) => ({ id: ownerId }),
  collaborators: ({ id }, _, { loaders }) => loaders.collaborators.load(id),
  viewerIsFollowing: async ({ id }, _, { loaders }) => (await loaders.followed.load(id)) !== null,
  durationMs: async ({ id }, _, { loaders }) => (await loaders.durationMs.load(id))?.durationMs ?? 0,
  items: (playlist, args, context) => pageOfItems(playlist, args, context),
}

export const PlaylistCollaborator: PlaylistCollaboratorResolvers = {
  user: ({ userId }) => ({ id: userId }),
}

async function pageOfItems(
  playlist: SeenPlaylist,
  args: { first?: number | null; after?: string | null },
  { loaders }: Context,
): Promise<ItemConnection> {
  const page = readPage(args)
  const rows = await loaders.itemPage.load(itemsQuery(playlist.id, page))
  return toConnection(rows, page, (row) => itemCursor(playlist, row), { totalCount: playlist.itemCount })
}
