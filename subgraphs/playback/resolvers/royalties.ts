import type {
  ArtistRoyaltiesResolvers,
  PayoutRecordingResolvers,
  PayoutResolvers,
  RightsHolderResolvers,
  RoyaltyStatementResolvers,
} from '../generated/graphql.ts'

export const ArtistRoyalties: ArtistRoyaltiesResolvers = {
  entries: (month, args, { royaltyReads }) => royaltyReads.entries(month, args),
}

export const RoyaltyStatement: RoyaltyStatementResolvers = {
  rejected: (statement, _, { royaltyReads }) => royaltyReads.rejections(statement),
  rates: ({ terms, poolMicros, weight: all }) =>
    Object.entries(terms.tierWeights).map(([tier, weight]) => ({
      ...{ tier, weight },
      microsPerStream: all === 0n ? 0 : (Number(poolMicros) * weight) / Number(all),
    })),
  closedAt: ({ at }) => at,
  payouts: (statement, args, { royaltyReads }) => royaltyReads.payouts(statement, args),
  csvUrl: (statement, _, { royaltyReads }) => royaltyReads.url(statement, 'csv'),
  pageUrl: (statement, _, { royaltyReads }) => royaltyReads.url(statement, 'html'),
}

export const Payout: PayoutResolvers = {
  rightsHolder: (payout) => payout,
  recordings: (payout, args, { royaltyReads }) => royaltyReads.recordings(payout, args),
}

export const RightsHolder: RightsHolderResolvers = {
  id: ({ holderId }) => holderId,
  artist: ({ artistId }) => (artistId === null ? null : { id: artistId }),
}

export const PayoutRecording: PayoutRecordingResolvers = {
  track: ({ recordingId }) => ({ id: recordingId }),
  recordingMicros: ({ lineMicros }) => lineMicros,
  plays: (recording, args, { royaltyReads }) => royaltyReads.plays(recording, args),
}
