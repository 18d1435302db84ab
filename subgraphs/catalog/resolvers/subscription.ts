import { mapStream } from '#shared/streams.ts'
import type { SubscriptionResolvers } from '../generated/graphql.ts'

export const Subscription: SubscriptionResolvers = {
  entitiesChanged: {
    subscribe: async (_, __, { changes }) =>
      mapStream(await changes.open(), (entitiesChanged) => ({ entitiesChanged })),
  },
}
