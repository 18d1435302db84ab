import type { EpisodeResolvers } from '../generated/graphql.ts'

export const Episode: EpisodeResolvers = {
  __resolveReference: ({ id }) => ({ id }),
}
