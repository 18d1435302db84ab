import { AXES, scale } from './features.ts'
import type { Space } from './space.ts'

/** What a model is made from: a track as the catalogue last described it. */
export interface TrackFacts {
  readonly id: string
  /** The same for releases of one recording. */
  readonly recording: string
  readonly artists: readonly string[]
  readonly genres: readonly string[]
  /** null: everywhere; empty: nowhere. One array object for each distinct list. */
  readonly markets: readonly string[] | null
  readonly popularity: number
  /** Along AXES, unscaled; null when the catalogue has no features of it. */
  readonly point: readonly number[] | null
}

/** Everything that a question is answered from, unchanging: the next model is another object. */
export interface Model {
  readonly version: string
  /** By id, so that a lower row is a lower id. */
  readonly tracks: readonly TrackFacts[]
  readonly trackRows: ReadonlyMap<string, number>
  readonly trackSpace: Space
  readonly artists: readonly string[]
  readonly artistRows: ReadonlyMap<string, number>
  /** An artist lies at the mean of their tracks, the popular ones weighing more, and has the genres of them all. */
  readonly artistSpace: Space
  readonly genreTotal: number
  /** Rows of the tracks of each artist. */
  readonly tracksByArtist: ReadonlyMap<string, readonly number[]>
  /** Rows of tracks, the most popular first. */
  readonly byPopularity: Int32Array
  /** Which of marketLists each track has. */
  readonly marketOf: Int32Array
  readonly marketLists: readonly (readonly string[] | null)[]
}

const WIDTH = AXES.length

export function buildModel(version: string, facts: Iterable<TrackFacts>): Model {
  const tracks = [...facts].sort((one, other) => (one.id < other.id ? -1 : 1))
  const genres = numbered(tracks.flatMap((track) => track.genres))
  const markets = numbered(tracks.map((track) => track.markets))
  const trackSpace = toSpace(
    tracks.map((track) => track.point),
    tracks.map((track) => track.genres),
    genres,
  )
  scale(trackSpace.coordinates)

  const playable = tracks.filter((track) => track.markets?.length !== 0)
  const artistRows = numbered(playable.flatMap((track) => track.artists))
  const trackRows = new Map(tracks.map((track, row) => [track.id, row]))
  return {
    version,
    tracks,
    trackRows,
    trackSpace,
    artists: [...artistRows.keys()],
    artistRows,
    artistSpace: toArtistSpace(playable, artistRows, trackRows, trackSpace, genres),
    genreTotal: genres.size,
    tracksByArtist: rowsByArtist(tracks),
    byPopularity: Int32Array.from(tracks.keys()).sort(
      (one, other) => popularityAt(tracks, other) - popularityAt(tracks, one) || one - other,
    ),
    marketOf: Int32Array.from(tracks, (track) => markets.get(track.markets) as number),
    marketLists: [...markets.keys()],
  }
}

/** For each of marketLists, 1 where it lets a listener in `country` play; without a country, where it is not empty. */
export function openMarkets(model: Model, country: string | null): Uint8Array {
  return Uint8Array.from(model.marketLists, (markets) =>
    markets === null || (country === null ? markets.length > 0 : markets.includes(country)) ? 1 : 0,
  )
}

function popularityAt(tracks: readonly TrackFacts[], row: number): number {
  return (tracks[row] as TrackFacts).popularity
}

function rowsByArtist(tracks: readonly TrackFacts[]): Map<string, number[]> {
  const rows = new Map<string, number[]>()
  for (const [row, { artists }] of tracks.entries())
    for (const artist of artists) {
      const own = rows.get(artist)
      if (own === undefined) rows.set(artist, [row])
      else own.push(row)
    }
  return rows
}

/** Gives each distinct value a number, in the order of first appearance. */
function numbered<Value>(values: Iterable<Value>): Map<Value, number> {
  const numbers = new Map<Value, number>()
  for (const value of values) if (!numbers.has(value)) numbers.set(value, numbers.size)
  return numbers
}

function toSpace(
  points: readonly (ArrayLike<number> | null)[],
  genresOf: readonly Iterable<string>[],
  genres: ReadonlyMap<string, number>,
): Space {
  const coordinates = new Float32Array(points.length * WIDTH).fill(Number.NaN)
  const isPlaced = new Uint8Array(points.length)
  const genreStart = new Int32Array(points.length + 1)
  const genreIds: number[] = []
  for (const [row, point] of points.entries()) {
    if (point !== null) {
      coordinates.set(point, row * WIDTH)
      isPlaced[row] = 1
    }
    for (const genre of new Set(genresOf[row])) genreIds.push(genres.get(genre) as number)
    genreStart[row + 1] = genreIds.length
  }
  return { size: points.length, coordinates, isPlaced, genreStart, genreIds: Int32Array.from(genreIds) }
}

function toArtistSpace(
  tracks: readonly TrackFacts[],
  artistRows: ReadonlyMap<string, number>,
  trackRows: ReadonlyMap<string, number>,
  trackSpace: Space,
  genres: ReadonlyMap<string, number>,
): Space {
  const sums = Array.from(artistRows, () => ({
    point: new Float64Array(WIDTH),
    weight: 0,
    genres: new Set<string>(),
  }))
  for (const track of tracks) {
    const from = (trackRows.get(track.id) as number) * WIDTH
    const weight = track.point === null ? 0 : 1 + track.popularity
    for (const artist of new Set(track.artists)) {
      const sum = sums[artistRows.get(artist) as number] as (typeof sums)[number]
      for (const genre of track.genres) sum.genres.add(genre)
      if (weight === 0) continue
      sum.weight += weight
      for (let axis = 0; axis < WIDTH; axis++)
        sum.point[axis] =
          (sum.point[axis] as number) + weight * (trackSpace.coordinates[from + axis] as number)
    }
  }
  return toSpace(
    sums.map(({ point, weight }) => (weight === 0 ? null : point.map((sum) => sum / weight))),
    sums.map((sum) => sum.genres),
    genres,
  )
}
