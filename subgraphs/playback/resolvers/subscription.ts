import { mapStream } from '#shared/streams.ts'
import type { SubscriptionResolvers } from '../generated/graphql.ts'

export const Subscription: SubscriptionResolvers = {
  listeningSessionChanged: {
    subscribe: async (_, __, { identity, listening }) =>
      mapStream(await listening.follow(identity), (listeningSessionChanged) => ({ listeningSessionChanged })),
  },
  playerChanged: {
    subscribe: (_, __, { identity, players }) =>
      mapStream(players.follow(identity), (playerChanged) => ({ playerChanged })),
  },
}
