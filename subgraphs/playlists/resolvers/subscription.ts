import { mapStream } from '#shared/streams.ts'
import type { SubscriptionResolvers } from '../generated/graphql.ts'

export const Subscription: SubscriptionResolvers = {
  playlistChanged: {
    subscribe: async (_, { id, sinceRevision }, { identity, changes, loaders }) =>
      mapStream(
        changes.open(identity, await loaders.playlistById.load(id), sinceRevision ?? null),
        (playlistChanged) => ({ playlistChanged }),
      ),
  },
}
