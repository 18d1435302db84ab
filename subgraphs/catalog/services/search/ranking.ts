import { encodeCursor } from '#shared/connection.ts'
import type { HitRow, MatchedBy, SearchEdgeSource, SearchKind } from '../../models.ts'
import { type AlikeCandidate, type Candidate, TIERS } from './engine.ts'

/** Which kind is the top hit when two match alike and are equally popular: the first of these. */
export const KINDS = ['ARTIST', 'TRACK', 'ALBUM', 'PLAYLIST', 'SHOW', 'EPISODE'] as const

/** How much a listener is drawn to a document, 0 to 1; what is not in it, not at all. */
export type Affinity = ReadonlyMap<string, number>

/** More than any popularity: within a tier the fraction stays below 1. */
const POPULARITIES = 101
/** Closeness counts before popularity, which decides between documents that come as close. */
const CLOSENESS_SHARE = 0.9

interface Scored extends Candidate {
  score: number
}

/**
 * The best `first` of each kind. Tiers come before all else; within one the more popular, raised by what the listener is drawn
 * to. A re-release (same title, same artist) comes after every song that begins with what was typed, so that three of a kind do
 * not hide what is not. What is merely alike comes last.
 */
export function rank(
  found: readonly Candidate[],
  alike: readonly AlikeCandidate[],
  first: number,
  affinity: Affinity,
  hasWords: boolean,
): Record<SearchKind, SearchEdgeSource[]> {
  const ids = new Set(found.map(({ id }) => id))
  const scored: Scored[] = [
    ...setCopiesBack(found.map((candidate) => ({ ...candidate, score: scoreOf(candidate, affinity) }))),
    ...scoreAlike(
      alike.filter(({ id }) => !ids.has(id)),
      affinity,
    ),
  ]
  const byKind = (kind: SearchKind): SearchEdgeSource[] =>
    scored
      .filter((candidate) => candidate.kind === kind)
      .sort(byScore)
      .slice(0, first)
      .map(({ id, tier, score }, place) => ({
        kind,
        id,
        score,
        matchedBy: matchedBy(tier, hasWords),
        cursor: encodeCursor(place + 1, id),
      }))
  return Object.fromEntries(KINDS.map((kind) => [kind, byKind(kind)])) as Record<
    SearchKind,
    SearchEdgeSource[]
  >
}

/** The best of all kinds. */
export function topOf(hits: Readonly<Record<SearchKind, readonly SearchEdgeSource[]>>): HitRow | null {
  return KINDS.flatMap((kind) => hits[kind].slice(0, 1)).reduce<HitRow | null>(
    (top, hit) => (top === null || hit.score > top.score ? hit : top),
    null,
  )
}

function scoreOf({ id, tier, popularity }: Candidate, affinity: Affinity): number {
  return tier + drawn(popularity / POPULARITIES, affinity.get(id) ?? 0)
}

/** What comes closer is first; of all that come as close, each title is there once before any is there twice. */
function scoreAlike(alike: readonly AlikeCandidate[], affinity: Affinity): Scored[] {
  const seen = new Set<string>()
  return alike
    .map((candidate) => ({
      candidate,
      fraction: drawn(candidate.popularity / POPULARITIES, affinity.get(candidate.id) ?? 0),
    }))
    .sort((a, b) => b.fraction - a.fraction)
    .map(({ candidate, fraction }) => {
      const title = `${candidate.kind} ${candidate.titleKey}`
      const isFirst = !seen.has(title)
      seen.add(title)
      const share = (fraction + (isFirst ? 1 : 0)) / 2
      return { ...candidate, score: CLOSENESS_SHARE * candidate.closeness + (1 - CLOSENESS_SHARE) * share }
    })
}

/** A fraction nearer to, and never at, 1. */
function drawn(fraction: number, affinity: number): number {
  return fraction + (POPULARITIES / (POPULARITIES + 1) - fraction) * affinity
}

function setCopiesBack(candidates: readonly Scored[]): Scored[] {
  const seen = new Set<string>()
  return [...candidates].sort(byScore).map((candidate) => {
    const song = `${candidate.kind} ${candidate.credit} ${candidate.titleKey}`
    const isCopy = seen.has(song)
    seen.add(song)
    const { tier, score } = candidate
    return isCopy ? { ...candidate, score: Math.min(tier, TIERS.title) + (score - tier) / 100 } : candidate
  })
}

function byScore(a: Scored, b: Scored): number {
  return b.score - a.score || (a.id < b.id ? -1 : 1)
}

function matchedBy(tier: number, hasWords: boolean): MatchedBy[] {
  if (tier === TIERS.alike) return ['FUZZY']
  const words: MatchedBy[] = hasWords ? ['FULL_TEXT'] : []
  if (tier === TIERS.exact) return ['EXACT', ...words]
  return tier >= TIERS.beginning ? ['PREFIX', ...words] : words
}
