import { type Connection, readPage, toConnection } from '#shared/connection.ts'
import type { Context } from '../context.ts'
import type { PlaylistCollaboratorResolvers, PlaylistResolvers } from '../generated/graphql.ts'
import type { Edit, ItemConnection, SeenPlaylist } from '../models.ts'
import { isMember, roleOf } from '../services/access.ts'
import { type EditPageInput, editConnection, editsQuery } from '../services/edit-pages.ts'
import { itemCursor, itemsQuery } from '../services/items.ts'

export const Playlist: PlaylistResolvers = {
  __resolveReference: (key, { loaders }) => loaders.playlistById.load('id' in key ? key.id : key.ref),
  ref: ({ id }) => id,
  viewerRole: (playlist, _, { identity }) => roleOf(playlist, identity.userId, playlist.memberRole),
  owner: ({ ownerId }) => ({ id: ownerId }),
  collaborators: ({ id }, _, { loaders }) => loaders.collaborators.load(id),
  viewerIsFollowing: async ({ id }, _, { loaders }) => (await loaders.followed.load(id)) !== null,
  durationMs: async ({ id }, _, { loaders }) => (await loaders.durationMs.load(id))?.durationMs ?? 0,
  cover: ({ id, coverId }) => ({ playlistId: id, coverId }),
  items: (playlist, args, context) => pageOfItems(playlist, args, context),
  edits: (playlist, args, context) =>
    isMember(playlist, context.identity.userId, playlist.memberRole)
      ? pageOfEdits(playlist, args, context)
      : null,
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

async function pageOfEdits(
  { id }: SeenPlaylist,
  args: EditPageInput,
  { loaders }: Context,
): Promise<Connection<Edit>> {
  const query = editsQuery(id, args)
  return editConnection(query, await loaders.editPage.load(query))
}
