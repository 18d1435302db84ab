import type { EpisodeResolvers } from '../generated/graphql.ts'

export const Episode: EpisodeResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  resumePoint: ({ id }, _, { loaders }) => loaders.resumePointByEpisodeId.load(id),
}
