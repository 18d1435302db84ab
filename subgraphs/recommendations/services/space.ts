import { AXES } from './features.ts'

/** Points that can be compared: where they lie, as far as that is known, and their genres. */
export interface Space {
  readonly size: number
  /** AXES.length a point, scaled. */
  readonly coordinates: Float32Array
  /** 1 where the coordinates are known. */
  readonly isPlaced: Uint8Array
  /** The genres of point i are genreIds[genreStart[i]] up to genreIds[genreStart[i + 1]]. */
  readonly genreStart: Int32Array
  readonly genreIds: Int32Array
}

/** What points are compared with. */
export interface Target {
  readonly coordinates: Float32Array | null
  /** 1 for each genre it has, by the genre's number. */
  readonly hasGenre: Uint8Array
  readonly genreCount: number
}

const WIDTH = AXES.length
/** The squared distance at which likeness by sound has fallen to a quarter. */
const REACH = 6
/** How much genres count beside sound, when the target has both. */
export const GENRE_SHARE = 0.25

/**
 * Likeness of a point to the target, 0 to 1: by sound `(1 + d²/REACH)⁻²`, which near neighbours dominate and no distance
 * makes 0, and by the share of genres in common. What the target lacks does not count.
 */
export function likeness(space: Space, target: Target, row: number): number {
  const bySound = target.coordinates === null ? 0 : soundLikeness(space, target.coordinates, row)
  if (target.genreCount === 0) return bySound
  const byGenre = genreLikeness(space, target, row)
  return target.coordinates === null ? byGenre : bySound + GENRE_SHARE * (byGenre - bySound)
}

export function likenessOfAll(space: Space, target: Target): Float64Array {
  const scores = new Float64Array(space.size)
  for (let row = 0; row < scores.length; row++) scores[row] = likeness(space, target, row)
  return scores
}

function soundLikeness({ coordinates, isPlaced }: Space, target: Float32Array, row: number): number {
  if (isPlaced[row] === 0) return 0
  let squares = 0
  for (let axis = 0, at = row * WIDTH; axis < WIDTH; axis++, at++) {
    const difference = (coordinates[at] as number) - (target[axis] as number)
    squares += difference * difference
  }
  const fall = 1 + squares / REACH
  return 1 / (fall * fall)
}

/** Jaccard: genres in common over genres in all. */
function genreLikeness({ genreStart, genreIds }: Space, target: Target, row: number): number {
  const from = genreStart[row] as number
  const to = genreStart[row + 1] as number
  let common = 0
  for (let at = from; at < to; at++) common += target.hasGenre[genreIds[at] as number] as number
  return common / (target.genreCount + to - from - common)
}

/** A point of the space as the target of a comparison. */
export function targetAt(space: Space, row: number, genreTotal: number): Target {
  const genres = space.genreIds.subarray(space.genreStart[row], space.genreStart[row + 1])
  const hasGenre = new Uint8Array(genreTotal)
  for (const genre of genres) hasGenre[genre] = 1
  const coordinates =
    space.isPlaced[row] === 1 ? space.coordinates.slice(row * WIDTH, (row + 1) * WIDTH) : null
  return { coordinates, hasGenre, genreCount: genres.length }
}
