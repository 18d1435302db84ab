import type {
  AlbumConnectionResolvers,
  EpisodeConnectionResolvers,
  GenreConnectionResolvers,
  TrackConnectionResolvers,
} from '../generated/graphql.ts'

// Counting is a read of its own, made only for those who ask.
export const TrackConnection: TrackConnectionResolvers = { totalCount: (page) => page.countAll() }
export const AlbumConnection: AlbumConnectionResolvers = { totalCount: (page) => page.countAll() }
export const EpisodeConnection: EpisodeConnectionResolvers = { totalCount: (page) => page.countAll() }
export const GenreConnection: GenreConnectionResolvers = { totalCount: (page) => page.countAll() }
