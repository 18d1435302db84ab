import { readPageOf } from '../cursors.ts'
import type { GenreResolvers } from '../generated/graphql.ts'

export const Genre: GenreResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.genreById.load(id),
  tracks: ({ id }, args, { loaders }) =>
    loaders.tracksByGenreId.load({ parentId: id, page: readPageOf('tracksOfGenre', args) }),
}
