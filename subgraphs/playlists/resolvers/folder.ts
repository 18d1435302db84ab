import type { PlaylistFolderResolvers } from '../generated/graphql.ts'
import { pageOfShelf } from './shelf.ts'

export const PlaylistFolder: PlaylistFolderResolvers = {
  __resolveReference: (key, { loaders }) => loaders.folderById.load('id' in key ? key.id : key.ref),
  ref: ({ id }) => id,
  parent: ({ parentId }, _, { loaders }) => (parentId === null ? null : loaders.folderById.load(parentId)),
  playlists: ({ id, ownerId }, args, context) => pageOfShelf(ownerId, args, context, id),
}
