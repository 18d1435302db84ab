import type { Model } from './model.ts'
import { likeness, type Target, targetAt } from './space.ts'

/** Something that recommendations start from: a track or an artist, and how much it counts. */
export interface Seed {
  readonly id: string
  readonly weight: number
  readonly target: Target
  readonly artists: readonly string[]
}

/** How much it counts that a track is by an artist of the seed: no other signal says as much of real playlists. */
const ARTIST_SHARE = 0.3

/** The seed that an id stands for, or null when this room does not know it. */
export function seedOf(model: Model, id: string, weight: number): Seed | null {
  const track = model.trackRows.get(id)
  if (track !== undefined) {
    const target = targetAt(model.trackSpace, track, model.genreTotal)
    return { id, weight, target, artists: model.tracks[track]?.artists ?? [] }
  }
  const artist = model.artistRows.get(id)
  if (artist === undefined) return null
  return { id, weight, target: targetAt(model.artistSpace, artist, model.genreTotal), artists: [id] }
}

/** The seed as it would be looked for at a moment. */
export function shifted(seed: Seed, shift: Float32Array): Seed {
  const { coordinates, ...target } = seed.target
  const moved = coordinates?.map((value, axis) => value + (shift[axis] as number)) ?? null
  return { ...seed, target: { ...target, coordinates: moved } }
}

/** The score of every track, 0 to 1: the mean of its affinity to the seeds, by their weights. */
export function scoreAll(model: Model, seeds: readonly Seed[]): Float64Array {
  const { trackSpace, tracksByArtist } = model
  const scores = new Float64Array(trackSpace.size)
  const whole = sumOf(seeds)
  for (const { weight, target, artists } of seeds) {
    const alike = likeness(trackSpace, target)
    const byLikeness = ((1 - ARTIST_SHARE) * weight) / whole
    for (let row = 0; row < scores.length; row++)
      scores[row] = (scores[row] as number) + byLikeness * (alike[row] as number)
    const byArtist = new Set(artists.flatMap((artist) => tracksByArtist.get(artist) ?? []))
    for (const row of byArtist) scores[row] = (scores[row] as number) + (ARTIST_SHARE * weight) / whole
  }
  return scores
}

/** What one seed says of one track, 0 to 1. */
function affinity(model: Model, { target, artists }: Seed, row: number): number {
  const isByArtist = model.tracks[row]?.artists.some((artist) => artists.includes(artist)) ?? false
  const [alike = 0] = likeness(model.trackSpace, target, row, row + 1)
  return (1 - ARTIST_SHARE) * alike + (isByArtist ? ARTIST_SHARE : 0)
}

const MOST_REASONS = 5
const LEAST_SHARE = 0.01

/** Which seeds brought a track here, the strongest first: shares of its score that add up to 1, without the negligible. */
export function reasonsFor(
  model: Model,
  seeds: readonly Seed[],
  row: number,
): { seedId: string; weight: number }[] {
  const parts = seeds.map((seed) => ({ seedId: seed.id, weight: seed.weight * affinity(model, seed, row) }))
  const whole = sumOf(parts)
  const told = parts
    .filter(({ weight }) => weight > LEAST_SHARE * whole)
    .sort((one, other) => other.weight - one.weight)
    .slice(0, MOST_REASONS)
  const toldOf = sumOf(told)
  return told.map(({ seedId, weight }) => ({ seedId, weight: weight / toldOf }))
}

function sumOf(parts: readonly { weight: number }[]): number {
  return parts.reduce((sum, { weight }) => sum + weight, 0)
}
