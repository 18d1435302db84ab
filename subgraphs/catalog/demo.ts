import { derivedId } from '#shared/id.ts'
import type { AlbumKind, Features } from './models.ts'
import type { CatalogueDraft } from './services/drafts.ts'

/** What this room reads of a demo catalogue. Keys are unique within their kind; the ids are derived from them. */
export interface CatalogDemo {
  genres: readonly { key: string; name: string }[]
  artists: readonly { key: string; name: string; genres: readonly string[] }[]
  albums: readonly DemoAlbum[]
  shows: readonly DemoShow[]
}

interface DemoAlbum {
  key: string
  title: string
  kind: AlbumKind
  releaseDate: string
  artists: readonly string[]
  tracks: readonly DemoTrack[]
}

interface DemoTrack {
  key: string
  title: string
  durationMs: number
  discNumber: number
  trackNumber: number
  explicit: boolean
  isrc: string
  popularity: number
  markets: readonly string[]
  features: Features
  artists: readonly string[]
  genres: readonly string[]
}

interface DemoShow {
  key: string
  title: string
  description: string
  publisher: string
  episodes: readonly {
    key: string
    title: string
    description: string
    durationMs: number
    publishedAt: string
    markets: readonly string[]
    features: Features
  }[]
}

const SOURCE = 'demo'

/** The demo as the catalogue writes it: everything in it has audio that is composed when somebody asks. */
export function draftDemo(demo: CatalogDemo): CatalogueDraft {
  const idOf = (kind: string, key: string): string => derivedId(kind, `${SOURCE}:${key}`)
  const idsOf = (kind: string, keys: readonly string[]): string[] => keys.map((key) => idOf(kind, key))

  return {
    source: SOURCE,
    genres: demo.genres.map(({ key, name }) => ({ id: idOf('genre', key), sourceKey: key, name })),
    artists: demo.artists.map(({ key, name, genres }) => ({
      id: idOf('artist', key),
      sourceKey: key,
      name,
      genreIds: idsOf('genre', genres),
    })),
    albums: demo.albums.map(({ key, title, kind, releaseDate }) => ({
      id: idOf('album', key),
      sourceKey: key,
      title,
      kind,
      releaseDate,
    })),
    albumCredits: demo.albums.flatMap(({ key, artists }) =>
      idsOf('artist', artists).map((artistId) => ({ albumId: idOf('album', key), artistId })),
    ),
    tracks: demo.albums.flatMap((album) =>
      album.tracks.map(({ key, artists, genres, markets, ...track }) => ({
        ...track,
        id: idOf('track', key),
        sourceKey: key,
        albumId: idOf('album', album.key),
        markets: [...markets],
        isComposable: true,
        artistIds: idsOf('artist', artists),
        genreIds: idsOf('genre', genres),
      })),
    ),
    shows: demo.shows.map(({ key, title, description, publisher }) => ({
      id: idOf('show', key),
      sourceKey: key,
      title,
      description,
      publisher,
    })),
    episodes: demo.shows.flatMap((show) =>
      show.episodes.map(({ key, markets, ...episode }) => ({
        ...episode,
        id: idOf('episode', key),
        sourceKey: key,
        showId: idOf('show', show.key),
        markets: [...markets],
        isComposable: true,
      })),
    ),
  }
}
