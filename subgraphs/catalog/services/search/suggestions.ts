import { LRUCache } from 'lru-cache'
import type { SuggestionRow } from '../../models.ts'
import type { SearchEngine, Suggestion } from './engine.ts'
import { KINDS } from './ranking.ts'

const KEPT_MS = 60_000
const MOST_KEPT = 10_000
/** Several things have the same title: so many are read for each that is shown. */
const READ_AHEAD = 4

/** What somebody may be typing. People type the same: an answer is kept for a minute, or until a name changes. */
export interface Suggestions {
  find(prefix: string, first: number): Promise<SuggestionRow[]>
  /** Forgets all answers. */
  clear(): void
}

/** Nothing is kept while `isFollowed` is false: nobody would say that a name has changed. */
export function createSuggestions(engine: SearchEngine, isFollowed: () => boolean): Suggestions {
  const kept = new LRUCache<string, Promise<SuggestionRow[]>>({ max: MOST_KEPT, ttl: KEPT_MS })

  return {
    find(prefix, first) {
      const key = `${first} ${prefix.toLowerCase()}`
      const known = isFollowed() ? kept.get(key) : undefined
      if (known !== undefined) return known
      const asked = engine.suggest(prefix, first * READ_AHEAD).then((found) => choose(found, first))
      if (isFollowed()) kept.set(key, asked)
      const forget = (): unknown => kept.get(key) === asked && kept.delete(key)
      // A failure is not an answer; and a playlist may be private before anybody has said so.
      asked.then((rows) => rows.some(({ kind }) => kind === 'PLAYLIST') && forget(), forget)
      return asked
    },
    clear: () => kept.clear(),
  }
}

/** The most popular first, each text once a kind. */
function choose(found: readonly Suggestion[], first: number): SuggestionRow[] {
  const seen = new Set<string>()
  return [...found]
    .sort(
      (a, b) =>
        b.popularity - a.popularity ||
        KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
        (a.titleKey < b.titleKey ? -1 : 1),
    )
    .filter(({ kind, titleKey }) => {
      const isNew = !seen.has(`${kind} ${titleKey}`)
      seen.add(`${kind} ${titleKey}`)
      return isNew
    })
    .slice(0, first)
    .map(({ kind, id, text }) => ({ kind, id, text }))
}
