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
 * Likeness of the points from row `from` up to `to` to the target, 0 to 1: by sound `(1 + d²/REACH)⁻²`, which near neighbours
 * dominate and no distance makes 0, and by the share of genres in common. What the target lacks does not count.
 */
export function likeness(space: Space, target: Target, from = 0, to = space.size): Float64Array {
  const scores = new Float64Array(to - from)
  if (target.coordinates !== null) {
    bySound(space, target.coordinates, from, scores)
    if (target.genreCount > 0) byGenre(space, target, from, scores, GENRE_SHARE)
  } else if (target.genreCount > 0) byGenre(space, target, from, scores, 1)
  return scores
}

function bySound({ coordinates, isPlaced }: Space, target: Float32Array, from: number, scores: Float64Array) {
  for (let index = 0; index < scores.length; index++) {
    if (isPlaced[from + index] === 0) continue
    let squares = 0
    for (let axis = 0, at = (from + index) * WIDTH; axis < WIDTH; axis++, at++) {
      const difference = (coordinates[at] as number) - (target[axis] as number)
      squares += difference * difference
    }
    const fall = 1 + squares / REACH
    scores[index] = 1 / (fall * fall)
  }
}

/** Gives the scores over to the Jaccard index, genres in common over genres in all, as far as `share`. */
function byGenre(space: Space, target: Target, from: number, scores: Float64Array, share: number) {
  const { genreStart, genreIds } = space
  for (let index = 0; index < scores.length; index++) {
    const start = genreStart[from + index] as number
    const end = genreStart[from + index + 1] as number
    let common = 0
    for (let at = start; at < end; at++) common += target.hasGenre[genreIds[at] as number] as number
    const jaccard = common / (target.genreCount + end - start - common)
    const score = scores[index] as number
    scores[index] = score + share * (jaccard - score)
  }
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
