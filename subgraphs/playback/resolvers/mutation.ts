import type { MutationResolvers } from '../generated/graphql.ts'

export const Mutation: MutationResolvers = {
  playbackStart: (_, { input }, { identity, streams }) => streams.start(identity, input),
  playbackRenew: (_, { playbackId }, { identity, streams }) => streams.renew(identity, playbackId),
  playbackReport: (_, { events }, { identity, reports }) => reports.report(identity, events),
  playerControl: (_, { input }, { identity, players }) => players.control(identity, input),
}
