import { mapStream } from '#shared/streams.ts'
import type { SubscriptionResolvers } from '../generated/graphql.ts'

export const Subscription: SubscriptionResolvers = {
  usersChanged: {
    subscribe: async (_, __, { changes }) =>
      mapStream(await changes.open(), (usersChanged) => ({ usersChanged })),
  },
}
