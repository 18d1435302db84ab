import { readPageOf } from '../cursors.ts'
import type { AlbumResolvers } from '../generated/graphql.ts'

export const Album: AlbumResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.albumById.load(id),
  artists: ({ id }, _, { loaders }) => loaders.artistsByAlbumId.load(id),
  artwork: ({ artwork }, _, { urlOf }) =>
    artwork.map(({ key, width, height }) => ({ url: urlOf(key), width, height })),
  tracks: ({ id }, args, { loaders }) =>
    loaders.tracksByAlbumId.load({ parentId: id, page: readPageOf('tracksOfAlbum', args) }),
}
