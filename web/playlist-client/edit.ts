import type { Details, Track } from './change.ts'
import { type Item, indexOf, type Position } from './items.ts'
import { type Names, standIn } from './names.ts'

/** What a person does to the list, as it is sent. */
export type Edit<T extends Track> =
  | { kind: 'ADD'; tracks: readonly T[]; position: Position; onDuplicate: 'ALLOW' | 'SKIP' | 'FAIL' }
  | { kind: 'REMOVE'; itemIds: readonly string[] }
  | { kind: 'MOVE'; itemIds: readonly string[]; position: Position }
  | { kind: 'UPDATE'; details: Partial<Details> }
  | { kind: 'UNDO'; revision: number }

/** An edit that the list as the server told it does not show yet. */
export interface PendingEdit<T extends Track> {
  readonly nonce: string
  readonly edit: Edit<T>
  /** Where it is shown: the place asked for, until the item that names it is removed by somebody. */
  place: Position
  /** The revision it is in; null until its answer has come. */
  appliedAt: number | null
}

export interface View<T extends Track> {
  items: readonly Item<T>[]
  details: Details | null
}

/**
 * The list as it will be once the server has made this edit of it: what the server would do, as far as it can be known here. What
 * it would refuse, and an undo, are not shown.
 */
export function show<T extends Track>(
  { items, details }: View<T>,
  { nonce, edit, place }: PendingEdit<T>,
  names: Names,
): View<T> {
  const index = indexOf(items, names.position(place))
  switch (edit.kind) {
    case 'ADD': {
      const block = edit.tracks.map((track, n) => {
        const key = standIn(nonce, n)
        return { id: names.actual(key), key, track, isPending: true }
      })
      return { details, items: items.toSpliced(index ?? items.length, 0, ...block) }
    }
    case 'REMOVE': {
      const gone = new Set(names.actualIds(edit.itemIds))
      return { details, items: items.filter(({ id }) => !gone.has(id)) }
    }
    case 'MOVE': {
      const byId = new Map(items.map((item) => [item.id, item]))
      const ids = names.actualIds(edit.itemIds)
      const block = ids.map((id) => byId.get(id)).filter((item) => item !== undefined)
      if (index === null || block.length < ids.length) return { details, items }
      const stays = (item: Item<T>): boolean => !block.includes(item)
      return {
        details,
        items: [...items.slice(0, index).filter(stays), ...block, ...items.slice(index).filter(stays)],
      }
    }
    case 'UPDATE':
      return { items, details: details && { ...details, ...edit.details } }
    case 'UNDO':
      return { items, details }
  }
}

/** The same place in a list that `removed` are about to leave: where the item stood that named it. */
export function settle<T extends Track>(
  place: Position,
  items: readonly Item<T>[],
  removed: ReadonlySet<string>,
): Position {
  const anchor = 'before' in place ? place.before : 'after' in place ? place.after : null
  if (anchor === null || !removed.has(anchor)) return place
  const staying = items.slice(0, indexOf(items, place) ?? 0).findLast(({ id }) => !removed.has(id))
  return staying === undefined ? { start: true } : { after: staying.id }
}
