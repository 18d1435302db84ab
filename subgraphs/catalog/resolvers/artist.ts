import { readPageOf } from '../cursors.ts'
import type { ArtistResolvers } from '../generated/graphql.ts'
import { readCount } from '../services/search/search-text.ts'

export const Artist: ArtistResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.artistById.load(id),
  genres: ({ id }, _, { loaders }) => loaders.genresByArtistId.load(id),
  albums: ({ id }, args, { loaders }) =>
    loaders.albumsByArtistId.load({ parentId: id, page: readPageOf('albums', args) }),
  topTracks: ({ id }, { first }, { loaders }) =>
    loaders.topTracksByArtistId.load({ artistId: id, first: readCount(first, 10, 50) }),
}
