import DataLoader from 'dataloader'
import { isIdOf, type NodePrefix } from '#shared/id.ts'
import { createListLoader, createLoader } from '#shared/loader.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import type { TrackRow } from './models.ts'
import { createPageLoader } from './page-loader.ts'
import { createArtistAlbums, findAlbums } from './services/albums.ts'
import { findArtists, findArtistsOfAlbums, findArtistsOfTracks } from './services/artists.ts'
import { findGenres, findGenresOfArtists, findGenresOfTracks } from './services/genres.ts'
import { createShowEpisodes, findEpisodes, findShows } from './services/podcasts.ts'
import { createAlbumTracks, createGenreTracks, findTopTracks, findTracks } from './services/tracks.ts'

export type Loaders = ReturnType<typeof createLoaders>

/** One request's reads: every level of a query is one of them, however many nodes it has. The catalogue is public. */
export function createLoaders(db: PrismaClient) {
  return {
    trackById: createNodeLoader('track', (ids) => findTracks(db, ids)),
    albumById: createNodeLoader('album', (ids) => findAlbums(db, ids)),
    artistById: createNodeLoader('artist', (ids) => findArtists(db, ids)),
    genreById: createNodeLoader('genre', (ids) => findGenres(db, ids)),
    showById: createNodeLoader('show', (ids) => findShows(db, ids)),
    episodeById: createNodeLoader('episode', (ids) => findEpisodes(db, ids)),

    artistsByTrackId: createListLoader(
      (ids) => findArtistsOfTracks(db, ids),
      (row) => row.trackId,
    ),
    artistsByAlbumId: createListLoader(
      (ids) => findArtistsOfAlbums(db, ids),
      (row) => row.albumId,
    ),
    genresByTrackId: createListLoader(
      (ids) => findGenresOfTracks(db, ids),
      (row) => row.trackId,
    ),
    genresByArtistId: createListLoader(
      (ids) => findGenresOfArtists(db, ids),
      (row) => row.artistId,
    ),

    tracksByAlbumId: createPageLoader(createAlbumTracks(db)),
    tracksByGenreId: createPageLoader(createGenreTracks(db)),
    albumsByArtistId: createPageLoader(createArtistAlbums(db)),
    episodesByShowId: createPageLoader(createShowEpisodes(db)),
    topTracksByArtistId: createTopTracksLoader(db),
  }
}

/** Rows by id; an id of another type, or none at all, is missing like any other and never reaches the database. */
function createNodeLoader<Row extends { id: string }>(
  prefix: NodePrefix,
  findMany: (ids: string[]) => Promise<Row[]>,
): DataLoader<string, Row | null> {
  const findKnown = (ids: readonly string[]): Promise<Row[]> => {
    const known = ids.filter((id) => isIdOf(prefix, id))
    return known.length === 0 ? Promise.resolve([]) : findMany(known)
  }
  return createLoader(findKnown, (row) => row.id)
}

interface TopTracksKey {
  artistId: string
  first: number
}

function createTopTracksLoader(db: PrismaClient): DataLoader<TopTracksKey, TrackRow[], string> {
  return new DataLoader(
    async (keys) => {
      const lists = keys.map((): TrackRow[] => [])
      for (const row of await findTopTracks(db, keys)) lists[row.place]?.push(row)
      return lists
    },
    { cacheKeyFn: ({ artistId, first }) => `${artistId} ${first}` },
  )
}
