import type { Chance } from '../../../../gateway/execute/testing/chance.ts'

/** A place in a list: the same track may have several. */
export interface Item {
  id: number
  track: number
}

/** What somebody wants who sees a list: an item by what it is, and a place right after another (null = at the top). */
export type Intent =
  | { kind: 'ADD'; item: Item; after: Item | null }
  | { kind: 'REMOVE'; item: Item }
  | { kind: 'MOVE'; item: Item; after: Item | null }

/** How long the list is, more or less. */
export const ITEMS = 100
/** One added track in so many is in the list already. */
const REPEATED = 20

/** The intents of as many people as `count`, all of whom see the same list. `newId` numbers added items, and new tracks with them. */
export function drawIntents(
  chance: Chance,
  list: readonly Item[],
  count: number,
  newId: () => number,
): Intent[] {
  return Array.from({ length: count }, (): Intent => {
    const kind = drawKind(chance, list.length)
    if (kind === 'REMOVE') return { kind, item: chance.pick(list) }
    const place = chance.below(list.length + 1)
    const anchor = list[place] ?? null
    if (kind === 'ADD') {
      const id = newId()
      const track = list.length > 0 && chance.onceIn(REPEATED) ? chance.pick(list).track : id
      return { kind, item: { id, track }, after: anchor }
    }
    const item = chance.pick(list)
    return { kind, item, after: anchor === item ? null : anchor }
  })
}

/** A third are moves; the others keep the list about as long as it should be. */
function drawKind(chance: Chance, length: number): Intent['kind'] {
  if (chance.below(2 * ITEMS) >= length) return chance.onceIn(3) && length > 0 ? 'MOVE' : 'ADD'
  return chance.onceIn(3) ? 'MOVE' : 'REMOVE'
}
