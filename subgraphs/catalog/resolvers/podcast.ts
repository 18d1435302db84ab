import { readPageOf } from '../cursors.ts'
import type { EpisodeResolvers, ShowResolvers } from '../generated/graphql.ts'

export const Show: ShowResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.showById.load(id),
  episodes: ({ id }, args, { loaders }) =>
    loaders.episodesByShowId.load({ parentId: id, page: readPageOf('episodes', args) }),
}

export const Episode: EpisodeResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.episodeById.load(id),
  chapters: ({ id }, _, { loaders }) => loaders.chaptersByEpisodeId.load(id),
  show: ({ showId }, _, { loaders }) => loaders.showById.load(showId),
}
