import type { MutationResolvers } from '../generated/graphql.ts'

export const Mutation: MutationResolvers = {
  playbackStart: (_, { input }, { identity, streams }) => streams.start(identity, input),
  playbackRenew: (_, { playbackId }, { identity, streams }) => streams.renew(identity, playbackId),
  async playbackReport(_, { events }, { identity, reports, players }) {
    const report = await reports.report(identity, events)
    const bad = new Set(report.rejected.map(({ eventId }) => eventId))
    void players.corrected(
      identity,
      events.filter(({ eventId }) => !bad.has(eventId)),
    )
    return report
  },
  playerControl: (_, { input }, { identity, players }) => players.control(identity, input),
  listeningSessionCreate: (_, __, { identity, listening }) => listening.create(identity),
  listeningSessionJoin: (_, { sessionId }, { identity, listening }) => listening.join(identity, sessionId),
  listeningSessionLeave: (_, __, { identity, listening }) => listening.leave(identity),
  offlineAdd: (_, { input }, { identity, offline }) => offline.add(identity, input),
  offlineRemove: (_, { input }, { identity, offline }) => offline.remove(identity, input),
  offlineLicenceRenew: (_, { input }, { identity, offline }) => offline.renew(identity, input),
  offlineReport: (_, { input }, { identity, reports }) => reports.reportOffline(identity, input),
  royaltyMonthClose: (_, { input }, { identity, royaltyBooks }) => royaltyBooks.close(identity, input),
  royaltyMonthCorrect: (_, { month }, { identity, royaltyBooks }) => royaltyBooks.correct(identity, month),
  rightsSet: (_, { input }, { identity, rights }) => rights.set(identity, input),
}
