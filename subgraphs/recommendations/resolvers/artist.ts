import { readRankPage } from '../cursors.ts'
import type { ArtistResolvers } from '../generated/graphql.ts'

export const Artist: ArtistResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  related: ({ id }, args, { loaders }) => loaders.relatedArtists.load({ id, page: readRankPage(args) }),
}
