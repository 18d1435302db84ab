import { mapStream } from '#shared/streams.ts'
import type { SubscriptionResolvers } from '../generated/graphql.ts'

export const Subscription: SubscriptionResolvers = {
  playerChanged: {
    subscribe: (_, __, { identity, players }) =>
      mapStream(players.follow(identity), (playerChanged) => ({ playerChanged })),
  },
}
