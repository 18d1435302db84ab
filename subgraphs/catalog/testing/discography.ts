import type { CatalogueDraft } from '../services/drafts.ts'
import { draftTracks, FEATURES, idOf, type TrackSketch } from './drafts.ts'

export const ALBUMS = 20
export const TRACKS = 30
export const ARTIST = idOf('artist', 'Maren')

/** 20 albums of 30 tracks, a year apart, the first one without a date; every track has a guest. */
export function discography(): CatalogueDraft {
  const sketches: TrackSketch[] = Array.from({ length: ALBUMS * TRACKS }, (_, index) => {
    const album = Math.floor(index / TRACKS)
    return {
      title: `Song ${index}`,
      album: `Album ${album}`,
      artists: ['Maren', `Guest ${index % 7}`],
      genres: ['Folk', 'Jazz'],
      popularity: index % 101,
      discNumber: index % TRACKS < 15 ? 1 : 2,
      trackNumber: (index % 15) + 1,
      markets: index === 0 ? ['DE', 'SE'] : index === 1 ? [] : null,
      features: index === 2 ? null : FEATURES,
    }
  })
  const draft = draftTracks(...sketches)
  return {
    ...draft,
    artists: draft.artists.map((artist) =>
      artist.name === 'Maren'
        ? { ...artist, genreIds: [idOf('genre', 'Jazz'), idOf('genre', 'Folk')] }
        : artist,
    ),
    albums: draft.albums.map((album, index) => ({
      ...album,
      releaseDate: index === 0 ? null : `${2000 + index}-05-01`,
    })),
    shows: [
      { id: idOf('show', 'Tide'), sourceKey: 'Tide', title: 'Tide', description: 'Slow', publisher: null },
    ],
    episodes: Array.from({ length: 5 }, (_, index) => ({
      id: idOf('episode', `Tide ${index}`),
      sourceKey: `Tide ${index}`,
      showId: idOf('show', 'Tide'),
      title: `Tide ${index}`,
      description: null,
      durationMs: 90_000,
      publishedAt: index === 4 ? null : `2026-0${index + 1}-01T06:00:00.000Z`,
      markets: null,
      features: FEATURES,
      isComposable: false,
    })),
  }
}
