import DataLoader from 'dataloader'
import { isIdOf, type NodePrefix } from '#shared/id.ts'
import type { Identity } from '#shared/identity.ts'
import type { RowCache } from './caching/row-cache.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import type { SongText } from './lyrics/lyrics.ts'
import type { TrackRow, UploadRow } from './models.ts'
import { createPageLoader } from './page-loader.ts'
import { createArtistAlbums, findAlbums } from './services/albums.ts'
import { findArtists, findArtistsOfAlbums, findArtistsOfTracks } from './services/artists.ts'
import { findGenres, findGenresOfArtists, findGenresOfTracks } from './services/genres.ts'
import { findLyrics } from './services/lyrics.ts'
import { createShowEpisodes, findChapters, findEpisodes, findShows } from './services/podcasts.ts'
import { createAlbumTracks, createGenreTracks, findTopTracks, findTracks } from './services/tracks.ts'
import { findUploads, maySee } from './uploads/uploads.ts'

export type Loaders = ReturnType<typeof createLoaders>

/**
 * One request's reads: every level of a query is one of them, however many nodes it has, and none of what the cache has. The
 * catalogue is public: all rows are the same for everybody, but for uploads, which are never kept.
 */
export function createLoaders(db: PrismaClient, cache: RowCache, identity: Identity) {
  return {
    trackById: createNodeLoader(cache, 'track', (ids) => findTracks(db, ids)),
    albumById: createNodeLoader(cache, 'album', (ids) => findAlbums(db, ids)),
    artistById: createNodeLoader(cache, 'artist', (ids) => findArtists(db, ids)),
    genreById: createNodeLoader(cache, 'genre', (ids) => findGenres(db, ids)),
    showById: createNodeLoader(cache, 'show', (ids) => findShows(db, ids)),
    episodeById: createNodeLoader(cache, 'episode', (ids) => findEpisodes(db, ids)),

    artistsByTrackId: createListLoader(cache, 'artists', 'trackId', (ids) => findArtistsOfTracks(db, ids)),
    artistsByAlbumId: createListLoader(cache, 'artists', 'albumId', (ids) => findArtistsOfAlbums(db, ids)),
    genresByTrackId: createListLoader(cache, 'genres', 'trackId', (ids) => findGenresOfTracks(db, ids)),
    genresByArtistId: createListLoader(cache, 'genres', 'artistId', (ids) => findGenresOfArtists(db, ids)),

    chaptersByEpisodeId: createListLoader(cache, 'chapters', 'episodeId', (ids) => findChapters(db, ids)),
    lyricsByTrackId: createLyricsLoader(cache, db),

    tracksByAlbumId: createPageLoader(cache, createAlbumTracks(db)),
    tracksByGenreId: createPageLoader(cache, createGenreTracks(db)),
    albumsByArtistId: createPageLoader(cache, createArtistAlbums(db)),
    episodesByShowId: createPageLoader(cache, createShowEpisodes(db)),
    topTracksByArtistId: createTopTracksLoader(cache, db),

    uploadById: createUploadLoader(db, identity),
  }
}

/** Rows by id; an id of another type, or none at all, is missing like any other and never leaves this process. */
function createNodeLoader<Row extends { id: string }>(
  cache: RowCache,
  prefix: NodePrefix,
  findMany: (ids: string[]) => Promise<Row[]>,
): DataLoader<string, Row | null> {
  return new DataLoader(async (ids) => {
    const known = ids.filter((id) => isIdOf(prefix, id)).map((id) => ({ id, part: 'row' }))
    const rows = await cache.through(known, async (missing) => {
      const found = new Map((await findMany(missing.map(({ id }) => id))).map((row) => [row.id, row]))
      return missing.map(({ id }) => found.get(id) ?? null)
    })
    const rowOf = new Map(known.map(({ id }, place) => [id, rows[place]]))
    return ids.map((id) => rowOf.get(id) ?? null)
  })
}

/** Lists by the id of what they are of, which each row of the read has as `owner`. */
function createListLoader<Owner extends string, Row extends Record<Owner, string>>(
  cache: RowCache,
  part: string,
  owner: Owner,
  findMany: (ids: string[]) => Promise<Row[]>,
): DataLoader<string, Row[]> {
  return new DataLoader((ids) =>
    cache.through(
      ids.map((id) => ({ id, part })),
      async (missing) => {
        const lists = new Map(missing.map(({ id }): [string, Row[]] => [id, []]))
        for (const row of await findMany([...lists.keys()])) lists.get(row[owner])?.push(row)
        return missing.map(({ id }) => lists.get(id) ?? [])
      },
    ),
  )
}

function createLyricsLoader(cache: RowCache, db: PrismaClient): DataLoader<string, SongText | null> {
  return new DataLoader((ids) =>
    cache.through(
      ids.map((id) => ({ id, part: 'lyrics' })),
      async (missing) => {
        const rows = await findLyrics(
          db,
          missing.map(({ id }) => id),
        )
        const lyricsOf = new Map(rows.map(({ trackId, ...lyrics }) => [trackId, lyrics]))
        return missing.map(({ id }) => lyricsOf.get(id) ?? null)
      },
    ),
  )
}

/** Who may not see an upload gets what is given for one that is not there. */
function createUploadLoader(db: PrismaClient, identity: Identity): DataLoader<string, UploadRow | null> {
  return new DataLoader(async (ids) => {
    const rows = await findUploads(
      db,
      ids.filter((id) => isIdOf('upload', id)),
    )
    const seen = new Map(rows.filter((row) => maySee(identity, row)).map((row) => [row.id, row]))
    return ids.map((id) => seen.get(id) ?? null)
  })
}

interface TopTracksKey {
  artistId: string
  first: number
}

function createTopTracksLoader(
  cache: RowCache,
  db: PrismaClient,
): DataLoader<TopTracksKey, TrackRow[], string> {
  return new DataLoader(
    (keys) =>
      cache.through(
        keys.map((key) => ({ ...key, id: key.artistId, part: `top tracks ${key.first}` })),
        async (missing) => {
          const lists = missing.map((): TrackRow[] => [])
          for (const row of await findTopTracks(db, missing)) lists[row.place]?.push(row)
          return lists
        },
      ),
    { cacheKeyFn: ({ artistId, first }) => `${artistId} ${first}` },
  )
}
