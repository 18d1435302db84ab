import { isIdOf } from '#shared/id.ts'
import type { UserResolvers } from '../generated/graphql.ts'
import { pageOfSaved } from './saved.ts'
import { pageOfShelf } from './shelf.ts'

export const User: UserResolvers = {
  __resolveReference: ({ id }) => (isIdOf('user', id) ? { id } : null),
  playlists: ({ id }, args, context) => pageOfShelf(id, args, context),
  playlistFolders: ({ id }, _, { identity, loaders }) =>
    id === identity.userId ? loaders.foldersOf.load(id) : null,
  savedTracks: ({ id }, args, context) => pageOfSaved(id, 'TRACK', args, context),
  savedAlbums: ({ id }, args, context) => pageOfSaved(id, 'ALBUM', args, context),
}
