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
  playlistPresence: {
    subscribe: async (_, { id }, { identity, presence, loaders }) =>
      mapStream(presence.open(identity, await loaders.playlistById.load(id)), (playlistPresence) => ({
        playlistPresence,
      })),
  },
}
