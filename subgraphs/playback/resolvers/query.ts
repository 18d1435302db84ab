import type { QueryResolvers } from '../generated/graphql.ts'

export const Query: QueryResolvers = {
  viewer: (_, __, { identity }) => (identity.userId === null ? null : { id: identity.userId }),
  offlineDelta: (_, asked, { identity, offlineDelta }) => offlineDelta(identity, asked),
  royaltyStatement: (_, asked, { identity, royaltyReads }) => royaltyReads.statement(identity, asked),
  royaltyPayout: (_, asked, { identity, royaltyReads }) => royaltyReads.payout(identity, asked),
}
