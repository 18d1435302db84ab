import type { SearchKind } from '../../models.ts'

/** How a document matches, best first: with its whole title, the title's first words or its beginning, or by words of it. */
export const TIERS = {
  exact: 6,
  firstWords: 5,
  beginning: 4,
  title: 3,
  artist: 2,
  album: 1,
  alike: 0,
} as const

/** A document that may be shown. */
export interface Candidate {
  kind: SearchKind
  id: string
  /** One of TIERS: what the whole part of its score will be. */
  tier: number
  /** 0 to 100. */
  popularity: number
  /** The title without case, accents and signs. */
  titleKey: string
  /** Equal for those with the same artists. */
  credit: number
}

/** A document with something like what was typed; `closeness` 1 would be the same. */
export interface AlikeCandidate extends Candidate {
  closeness: number
  /** What was typed, spelt as it is here. */
  spelling: string
}

export interface Suggestion {
  kind: SearchKind
  id: string
  text: string
  titleKey: string
  popularity: number
}

/**
 * What finds documents. It knows texts and popularity, and nothing of who asks: ranking for a listener is the room's. Documents follow
 * the catalogue by themselves. Nothing here is in any order.
 */
export interface SearchEngine {
  /** The best documents of each kind that have what was typed: about `most.tracks` tracks, `most.others` of each other kind. */
  find(typed: string, most: { tracks: number; others: number }): Promise<Candidate[]>
  /** The best `most` or so of each kind for what may have been meant: misspelt words, words run together or torn apart, a word too many. */
  findAlike(typed: string, most: number): Promise<AlikeCandidate[]>
  /** The most popular titles and names that begin so, at most about `most`. */
  suggest(prefix: string, most: number): Promise<Suggestion[]>
}
