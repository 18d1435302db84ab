import type { Op, Track } from './change.ts'

/** A place in the list as it is shown. */
export interface Item<T extends Track> {
  /** The server's; for an item that is on its way a stand-in, which every verb takes as well. */
  id: string
  /** The same from the first moment on: what a list component tells its rows by. */
  key: string
  track: T | null
  isPending: boolean
}

/** Where to put items, as the API takes it. */
export type Position = { start: true } | { end: true } | { before: string } | { after: string }

/** An op does not fit the list: a message is missing, or this copy has gone wrong. Either way it has to be read anew. */
export class Misfit extends Error {}

/** The list after an op. Each call is a new list, and the items are the same objects. */
export function applyOp<T extends Track>(
  items: readonly Item<T>[],
  op: Op<T>,
  toItem: (item: { id: string; track: T | null }) => Item<T>,
): readonly Item<T>[] {
  switch (op.__typename) {
    case 'ItemsAdded': {
      const added = op.items.map(toItem)
      const ids = new Set(added.map(({ id }) => id))
      if (items.some(({ id }) => ids.has(id))) throw new Misfit('An item is added that is there already')
      return insertAfter(items, op.after, added)
    }
    case 'ItemsRemoved':
      return take(items, op.itemIds).rest
    case 'ItemsMoved': {
      const { taken, rest } = take(items, op.itemIds)
      return insertAfter(rest, op.after, taken)
    }
    case 'DetailsChanged':
      return items
  }
}

/** The index that a position means; null when the item it names is not here. */
export function indexOf<T extends Track>(items: readonly Item<T>[], position: Position): number | null {
  if ('start' in position) return 0
  if ('end' in position) return items.length
  const anchor = 'before' in position ? position.before : position.after
  const index = items.findIndex(({ id }) => id === anchor)
  if (index < 0) return null
  return 'before' in position ? index : index + 1
}

function insertAfter<T extends Track>(
  items: readonly Item<T>[],
  after: string | null,
  block: readonly Item<T>[],
): readonly Item<T>[] {
  const index = indexOf(items, after === null ? { start: true } : { after })
  if (index === null) throw new Misfit('Items come after one that is not there')
  return items.toSpliced(index, 0, ...block)
}

/** Those named, in the order named, and the others. */
function take<T extends Track>(
  items: readonly Item<T>[],
  itemIds: readonly string[],
): { taken: Item<T>[]; rest: Item<T>[] } {
  const named = new Map<string, Item<T> | null>(itemIds.map((id) => [id, null]))
  const rest: Item<T>[] = []
  for (const item of items) {
    if (named.has(item.id)) named.set(item.id, item)
    else rest.push(item)
  }
  const taken = itemIds.map((id) => named.get(id)).filter((item) => item != null)
  if (taken.length < itemIds.length) throw new Misfit('An item is named that is not there')
  return { taken, rest }
}
