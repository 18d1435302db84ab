import type {
  SearchAlbumEdgeResolvers,
  SearchArtistEdgeResolvers,
  SearchEpisodeEdgeResolvers,
  SearchPlaylistEdgeResolvers,
  SearchResultsResolvers,
  SearchTrackEdgeResolvers,
  SuggestionResolvers,
} from '../generated/graphql.ts'

export const SearchResults: SearchResultsResolvers = {
  topHit: ({ topHit }, _, { nodes }) => (topHit === null ? null : nodes.loadHit(topHit.id)),
  tracks: ({ hits }) => ({ edges: hits.TRACK }),
  artists: ({ hits }) => ({ edges: hits.ARTIST }),
  albums: ({ hits }) => ({ edges: hits.ALBUM }),
  playlists: ({ hits }) => ({ edges: hits.PLAYLIST }),
  episodes: ({ hits }) => ({ edges: hits.EPISODE }),
}

export const SearchTrackEdge: SearchTrackEdgeResolvers = {
  node: ({ id }, _, { loaders }) => loaders.trackById.load(id),
}

export const SearchArtistEdge: SearchArtistEdgeResolvers = {
  node: ({ id }, _, { loaders }) => loaders.artistById.load(id),
}

export const SearchAlbumEdge: SearchAlbumEdgeResolvers = {
  node: ({ id }, _, { loaders }) => loaders.albumById.load(id),
}

/** A name found here may be of a list that has since become private: the room that owns it says so with null. */
export const SearchPlaylistEdge: SearchPlaylistEdgeResolvers = {
  node: ({ id }) => ({ ref: id }),
}

export const SearchEpisodeEdge: SearchEpisodeEdgeResolvers = {
  node: ({ id }, _, { loaders }) => loaders.episodeById.load(id),
}

export const Suggestion: SuggestionResolvers = {
  node: ({ id }, _, { nodes }) => nodes.loadHit(id),
}
