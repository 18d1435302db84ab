import type { Model, TrackFacts } from './model.ts'

/** Lets through at most so many tracks of an artist, and one release of a recording. */
export interface Variety {
  admits(track: TrackFacts): boolean
}

const MOST_OF_AN_ARTIST = 2

/** `without` are tracks whose recordings are not wanted, under any release. */
export function createVariety(model: Model, without: readonly string[]): Variety {
  const ofArtist = new Map<string, number>()
  const recordings = new Set(
    without.flatMap((id) => {
      const row = model.trackRows.get(id)
      return row === undefined ? [] : [(model.tracks[row] as TrackFacts).recording]
    }),
  )
  return {
    admits({ artists, recording }) {
      if (recordings.has(recording)) return false
      if (artists.some((artist) => (ofArtist.get(artist) ?? 0) >= MOST_OF_AN_ARTIST)) return false
      recordings.add(recording)
      for (const artist of new Set(artists)) ofArtist.set(artist, (ofArtist.get(artist) ?? 0) + 1)
      return true
    },
  }
}
