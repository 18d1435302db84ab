import type { QueryResolvers } from '../generated/graphql.ts'

export const Query: QueryResolvers = {
  viewer: (_, __, { identity, loaders }) =>
    identity.userId === null ? null : loaders.userById.load(identity.userId),
  user: (_, { id }, { loaders }) => loaders.userById.load(id),
  accessTokenKeys: (_, __, { accessTokens }) => accessTokens.keySet,
  sessionsEnded: (_, { since }, { sessions }) => sessions.endedSince(new Date(since)),
}
