import type { UserResolvers } from '../generated/graphql.ts'

export const User: UserResolvers = {
  __resolveReference: (key, { loaders }) => loaders.userById.load('id' in key ? key.id : key.ref),
  ref: (user) => user.id,
  email: (user) => (user.isSelf ? user.email : null),
  // Administrators change tiers, so they see them.
  tier: (user, _, { identity }) => (user.isSelf || identity.role === 'ADMIN' ? user.tier : null),
  country: (user) => (user.isSelf ? user.country : null),
  devices: (user, _, { loaders }) => (user.isSelf ? loaders.devicesByUserId.load(user.id) : null),
  following: (user, args, { follows }) => (user.isSelf ? follows.page(user.id, args) : null),
  settings: (user) => (user.isSelf ? { sharesPlays: user.sharesPlays } : null),
  activityFeed: (user, args, { feed }) => (user.isSelf ? feed.page(user.id, args) : null),
}
