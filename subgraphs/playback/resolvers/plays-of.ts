import type { ArtistPlaysResolvers, TrackPlaysResolvers } from '../generated/graphql.ts'

export const ArtistPlays: ArtistPlaysResolvers = {
  artist: ({ id }) => ({ id }),
}

export const TrackPlays: TrackPlaysResolvers = {
  track: ({ id }) => ({ id }),
}
