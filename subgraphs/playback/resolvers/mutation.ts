import type { MutationResolvers } from '../generated/graphql.ts'

export const Mutation: MutationResolvers = {
  playbackStart: (_, { input }, { identity, streams }) => streams.start(identity, input),
  playbackRenew: (_, { playbackId }, { identity, streams }) => streams.renew(identity, playbackId),
  playbackReport: (_, { events }, { identity, reports }) => reports.report(identity, events),
  playerControl: (_, { input }, { identity, players }) => players.control(identity, input),
  offlineAdd: (_, { input }, { identity, offline }) => offline.add(identity, input),
  offlineRemove: (_, { input }, { identity, offline }) => offline.remove(identity, input),
  offlineLicenceRenew: (_, { input }, { identity, offline }) => offline.renew(identity, input),
  offlineReport: (_, { input }, { identity, reports }) => reports.reportOffline(identity, input),
}
