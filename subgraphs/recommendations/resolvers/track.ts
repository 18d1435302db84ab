import { readRankPage } from '../cursors.ts'
import type { TrackResolvers } from '../generated/graphql.ts'

export const Track: TrackResolvers = {
  // Nothing is looked up for the id itself: the catalogue says whether there is such a track.
  __resolveReference: ({ id }) => ({ id }),
  similar: ({ id }, args, { loaders }) => loaders.similarTracks.load({ id, page: readRankPage(args) }),
}
