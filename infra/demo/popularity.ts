import { createChance } from './chance.ts'
import { ageInDays } from './release-date.ts'

/** What makes a song known before chance has its say. */
interface Renown {
  trackKey: string
  fame: number
  isHit: boolean
  releaseDate: string
}

const TOP = 96
/** Points lost from one rank to e times that rank: the last of a thousand songs still has a few. */
const FALL = 13.2

/** Popularity 0-100 by track key: plays fall as one over the rank, as Zipf saw, and popularity is their logarithm. */
export function rankPopularity(songs: readonly Renown[]): Map<string, number> {
  const standing = ({ trackKey, fame, isHit, releaseDate }: Renown): number => {
    const yearsOld = ageInDays(releaseDate) / 365
    return (
      fame + (isHit ? 2.6 : 0) + 1.8 / (1 + yearsOld / 4) + 1.6 * createChance(`standing ${trackKey}`).bell()
    )
  }
  return new Map(
    songs
      .map((song) => ({ trackKey: song.trackKey, standing: standing(song) }))
      .sort((one, other) => other.standing - one.standing)
      .map(({ trackKey }, rank) => [trackKey, Math.max(0, Math.round(TOP - FALL * Math.log(rank + 1)))]),
  )
}
