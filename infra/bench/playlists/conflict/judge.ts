import type { Intent, Item } from './intent.ts'
import type { Effect, Scheme } from './scheme.ts'

/** What became of edits; each is counted once, under the worst that is true of it. */
export interface Verdict {
  edits: number
  /** Another item was removed or moved than the one meant. */
  wrongItem: number
  /** Acknowledged, and not in the list. */
  lost: number
  /** Put elsewhere than right after the item named, though that was there. */
  misplaced: number
  /** Told that it cannot be. */
  refused: number
}

interface Case {
  intent: Intent
  effect: Effect
  isMisplaced: boolean
}

/** One round: everybody decides on the list as it is, and then one edit is made after the other. Adds to `verdict`. */
export function judgeRound(scheme: Scheme, intents: readonly Intent[], verdict: Verdict): void {
  const before = scheme.list()
  const edits = intents.map(() => scheme.look())
  const cases = intents.map((intent, n): Case => {
    const couldBe = 'after' in intent && (intent.after === null || scheme.list().includes(intent.after))
    const effect = (edits[n] as (intent: Intent) => Effect)(intent)
    const isMisplaced = couldBe && isAway(scheme.list(), intent.item, intent.after)
    return { intent, effect, isMisplaced }
  })
  const after = scheme.list()
  for (const one of cases) {
    verdict.edits++
    const { effect, intent } = one
    if (effect.isRefused) verdict.refused++
    else if (effect.item !== null && effect.item !== intent.item) verdict.wrongItem++
    else if (isLost(one, cases, before, after)) verdict.lost++
    else if (one.isMisplaced) verdict.misplaced++
  }
  verdict.lost += driftOf(cases, before, after)
}

function isAway(list: readonly Item[], item: Item, anchor: Item | null): boolean {
  const at = list.indexOf(item)
  return at >= 0 && item !== anchor && (list[at - 1] ?? null) !== anchor
}

function isLost(
  { intent, effect }: Case,
  cases: readonly Case[],
  before: readonly Item[],
  after: readonly Item[],
): boolean {
  const { item } = intent
  const others = cases.filter((one) => one.intent !== intent)
  const isTouched = (wanted: Item | null): boolean => others.some((one) => one.effect.item === wanted)
  if (effect.item === null) return true
  if (intent.kind === 'REMOVE') return after.includes(item)
  if (intent.kind === 'ADD') return !after.includes(item) && !isTouched(item)
  // A move is lost when its item stands where it stood, and nobody else can have put it there.
  if (isTouched(item) || isTouched(intent.after) || !after.includes(item)) return false
  const neighbour = (list: readonly Item[]): Item | null => list[list.indexOf(item) - 1] ?? null
  return neighbour(before) !== intent.after && neighbour(after) === neighbour(before)
}

/** Edits of earlier rounds that this one has undone without anybody wanting it. */
function driftOf(cases: readonly Case[], before: readonly Item[], after: readonly Item[]): number {
  const touched = new Set(cases.flatMap(({ effect, intent }) => [effect.item, intent.item]))
  const isDrift = (others: readonly Item[]) => (item: Item) => !others.includes(item) && !touched.has(item)
  return before.filter(isDrift(after)).length + after.filter(isDrift(before)).length
}
