import type { Identity } from '#shared/identity.ts'
import type { SearchResultsSource, SuggestionRow } from '../../models.ts'
import type { AlikeCandidate, SearchEngine } from './engine.ts'
import { rank, topOf } from './ranking.ts'
import { readCount, readSearchText } from './search-text.ts'
import type { Suggestions } from './suggestions.ts'
import type { Tastes } from './tastes.ts'

/** So many tracks are read, and ranked for whoever asks; of the other kinds, of which there are fewer, at least so many. */
const TRACKS = 100
const OTHERS = 25
/** Of each kind so many are read that are merely like it, where nothing has what was typed. */
const ALIKE = 50

export interface Search {
  search(identity: Identity, text: string, first: number | null | undefined): Promise<SearchResultsSource>
  suggest(prefix: string, first: number | null | undefined): Promise<SuggestionRow[]>
}

export interface SearchParts {
  engine: SearchEngine
  tastes: Tastes
  suggestions: Suggestions
}

export function createSearch({ engine, tastes, suggestions }: SearchParts): Search {
  return {
    async search(identity, text, first) {
      const typed = readSearchText(text)
      const shown = readCount(first, 10, 50)
      const found = await engine.find(typed, { tracks: TRACKS, others: Math.max(shown, OTHERS) })
      const alike = found.length > 0 ? [] : await engine.findAlike(typed, ALIKE)
      const affinity = await tastes.affinityOf(identity, [...found, ...alike])
      const hits = rank(found, alike, shown, affinity, hasWords(typed))
      return { topHit: topOf(hits), hits, didYouMean: spellingOf(alike) }
    },

    suggest: (prefix, first) => suggestions.find(readSearchText(prefix), readCount(first, 10, 20)),
  }
}

/** How to spell it: as the closest document does, of several as close the most popular. */
function spellingOf(alike: readonly AlikeCandidate[]): string | null {
  const [best] = [...alike].sort((a, b) => b.closeness - a.closeness || b.popularity - a.popularity)
  return best?.spelling ?? null
}

function hasWords(typed: string): boolean {
  return /[\p{L}\p{N}]/u.test(typed)
}
