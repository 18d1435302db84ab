import { derivedId, type NodePrefix } from '#shared/id.ts'
import type { Features } from '../models.ts'
import type { CatalogueDraft, TrackDraft } from '../services/drafts.ts'

const SOURCE = 'test'

export const FEATURES: Features = {
  tempo: 118.5,
  key: 7,
  mode: 1,
  energy: 0.6,
  danceability: 0.7,
  valence: 0.5,
  acousticness: 0.2,
  instrumentalness: 0,
  loudness: -7.25,
  speechiness: 0.04,
}

/** The id that a test's own key stands for. */
export function idOf(prefix: NodePrefix, key: string): string {
  return derivedId(prefix, `${SOURCE}:${key}`)
}

/** A track as a test describes it: artists, album and genres by their names, the rest as it likes. */
export interface TrackSketch extends Partial<Omit<TrackDraft, 'artistIds' | 'genreIds' | 'albumId'>> {
  title: string
  key?: string
  artists?: string[]
  album?: string
  genres?: string[]
}

/** A draft of tracks with everything they name. The key of an artist, album or genre is its name. */
export function draftTracks(...sketches: TrackSketch[]): CatalogueDraft {
  const names = { artist: new Set<string>(), album: new Set<string>(), genre: new Set<string>() }
  const credits = new Map<string, { albumId: string; artistId: string }>()
  const tracks = sketches.map(
    ({ key, artists = ['Someone'], album, genres = [], ...columns }, index): TrackDraft => {
      for (const name of artists) names.artist.add(name)
      for (const name of genres) names.genre.add(name)
      if (album !== undefined) {
        names.album.add(album)
        for (const name of artists)
          credits.set(`${album} ${name}`, { albumId: idOf('album', album), artistId: idOf('artist', name) })
      }
      return {
        id: idOf('track', key ?? columns.title),
        sourceKey: key ?? columns.title,
        durationMs: 200_000,
        albumId: album === undefined ? null : idOf('album', album),
        discNumber: 1,
        trackNumber: index + 1,
        explicit: false,
        isrc: null,
        popularity: 50,
        markets: null,
        features: FEATURES,
        isComposable: false,
        artistIds: artists.map((name) => idOf('artist', name)),
        genreIds: genres.map((name) => idOf('genre', name)),
        ...columns,
      }
    },
  )
  const draft = (prefix: 'artist' | 'album' | 'genre', name: string) => ({
    id: idOf(prefix, name),
    sourceKey: name,
  })
  return {
    source: SOURCE,
    genres: [...names.genre].map((name) => ({ ...draft('genre', name), name })),
    artists: [...names.artist].map((name) => ({ ...draft('artist', name), name, genreIds: [] })),
    albums: [...names.album].map((title) => ({
      ...draft('album', title),
      title,
      kind: 'ALBUM',
      releaseDate: null,
    })),
    albumCredits: [...credits.values()],
    tracks,
    shows: [],
    episodes: [],
  }
}
