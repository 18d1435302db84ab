import { scalars } from '#shared/scalars.ts'
import { Album } from './album.ts'
import { Artist } from './artist.ts'
import { Genre } from './genre.ts'
import { Mutation } from './mutation.ts'
import { AlbumConnection, EpisodeConnection, GenreConnection, TrackConnection } from './page.ts'
import { Episode, Show } from './podcast.ts'
import { Query } from './query.ts'
import {
  SearchAlbumEdge,
  SearchArtistEdge,
  SearchEpisodeEdge,
  SearchPlaylistEdge,
  SearchResults,
  SearchTrackEdge,
  Suggestion,
} from './search.ts'
import { Subscription } from './subscription.ts'
import { CatalogTakedown } from './takedown.ts'
import { Lyrics, Track } from './track.ts'
import { Upload } from './upload.ts'

export const resolvers = {
  ...scalars,
  Query,
  Mutation,
  Subscription,
  Track,
  Lyrics,
  Album,
  Artist,
  Genre,
  Show,
  Episode,
  TrackConnection,
  AlbumConnection,
  EpisodeConnection,
  GenreConnection,
  SearchResults,
  SearchTrackEdge,
  SearchArtistEdge,
  SearchAlbumEdge,
  SearchPlaylistEdge,
  SearchEpisodeEdge,
  Suggestion,
  Upload,
  CatalogTakedown,
}
