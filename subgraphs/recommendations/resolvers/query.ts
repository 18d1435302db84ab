import type { QueryResolvers } from '../generated/graphql.ts'

export const Query: QueryResolvers = {
  viewer: (_, __, { identity }) => (identity.userId === null ? null : { id: identity.userId }),
  recommendations: (_, { seeds, context, ...args }, { recommendations, identity }) =>
    recommendations.page(identity, {
      ...args,
      seeds: seeds ?? [],
      moment: { activity: context?.activity ?? null, timeOfDay: context?.timeOfDay ?? null },
    }),
  trending: (_, args, { trending }) => trending.page(args),
}
