/** Where a genre lies: tempo in beats per minute, the share of minor keys, the rest as 0 to 1. */
export interface GenreSound {
  name: string
  tempo: readonly [slowest: number, fastest: number]
  minor: number
  energy: number
  danceability: number
  valence: number
  acousticness: number
  instrumentalness: number
  speechiness: number
}

function genre(
  name: string,
  tempo: readonly [number, number],
  minor: number,
  [energy, danceability, valence]: readonly [number, number, number],
  [acousticness, instrumentalness, speechiness]: readonly [number, number, number],
): GenreSound {
  return { name, tempo, minor, energy, danceability, valence, acousticness, instrumentalness, speechiness }
}

/** The genres by key, each with its tempo range, share of minor keys, [energy, danceability, valence] and
 * [acousticness, instrumentalness, speechiness]. */
export const GENRES = {
  pop: genre('Pop', [92, 128], 0.4, [0.68, 0.67, 0.52], [0.18, 0.01, 0.06]),
  'indie-pop': genre('Indie Pop', [84, 132], 0.3, [0.52, 0.58, 0.52], [0.4, 0.06, 0.04]),
  'indie-rock': genre('Indie Rock', [104, 172], 0.35, [0.78, 0.48, 0.48], [0.1, 0.1, 0.05]),
  electronic: genre('Electronic', [98, 140], 0.6, [0.66, 0.66, 0.4], [0.12, 0.66, 0.05]),
  house: genre('House', [118, 127], 0.55, [0.78, 0.8, 0.58], [0.05, 0.55, 0.06]),
  ambient: genre('Ambient', [62, 84], 0.45, [0.16, 0.26, 0.18], [0.84, 0.9, 0.04]),
  'hip-hop': genre('Hip-Hop', [76, 104], 0.6, [0.62, 0.76, 0.48], [0.18, 0.04, 0.26]),
  'r-and-b': genre('R&B', [66, 104], 0.55, [0.46, 0.66, 0.44], [0.34, 0.03, 0.09]),
  soul: genre('Soul', [72, 116], 0.35, [0.54, 0.6, 0.64], [0.44, 0.04, 0.06]),
  folk: genre('Folk', [70, 124], 0.35, [0.3, 0.48, 0.4], [0.8, 0.08, 0.04]),
  americana: genre('Americana', [82, 140], 0.2, [0.5, 0.56, 0.54], [0.52, 0.03, 0.04]),
  jazz: genre('Jazz', [78, 160], 0.45, [0.36, 0.52, 0.5], [0.72, 0.62, 0.05]),
  classical: genre('Classical', [64, 118], 0.55, [0.18, 0.3, 0.24], [0.93, 0.88, 0.04]),
  latin: genre('Latin', [84, 128], 0.5, [0.68, 0.72, 0.7], [0.3, 0.04, 0.07]),
  'city-pop': genre('City Pop', [96, 124], 0.3, [0.66, 0.7, 0.68], [0.2, 0.08, 0.04]),
  afrobeats: genre('Afrobeats', [98, 120], 0.45, [0.7, 0.8, 0.72], [0.24, 0.06, 0.1]),
} as const satisfies Record<string, GenreSound>

export type GenreKey = keyof typeof GENRES
