import type { ArtistResolvers } from '../generated/graphql.ts'

export const Artist: ArtistResolvers = {
  // What may be seen of an artist here is decided field by field: the entity is its id.
  __resolveReference: ({ id }) => ({ id }),
  royalties: ({ id }, { month }, { identity, royaltyReads }) =>
    royaltyReads.ofArtist(identity, { artistId: id, month }),
  analytics: ({ id }, { days }, { identity, analytics, moment }) =>
    analytics.open(identity, id, days, moment),
}
