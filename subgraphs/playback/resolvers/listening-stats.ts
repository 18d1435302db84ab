import type { ListeningStatsResolvers } from '../generated/graphql.ts'

export const ListeningStats: ListeningStatsResolvers = {
  minutes: (span, _, { statistics }) => statistics.minutes(span),
  topArtists: (span, { first }, { statistics }) => statistics.topArtists(span, first),
  topTracks: (span, { first }, { statistics }) => statistics.topTracks(span, first),
}
