/**
 * What a list should be, told in the plainest way: one array, edits one after the other. An item that is removed stays in it
 * unseen, and one that moves leaves its place in it unseen.
 */
export interface ModelItem {
  id: string
  isRemoved: boolean
  /** The revisions that added it or brought it back. */
  shownBy?: readonly number[]
  /** The revision that removed it, or that left this place. */
  goneAt?: number
  /** The revision that made this place. */
  placedAt?: number
  /** Of a place that was left: by whom, and for the place that which revision made. */
  left?: { by: string; for: number }
}

export type ModelPosition = { start: true } | { end: true } | { before: string } | { after: string }

/** An edit that was accepted, with the ids it was about. */
export type ModelEdit =
  | { kind: 'ADD'; itemIds: readonly string[]; position: ModelPosition }
  | { kind: 'REMOVE'; itemIds: readonly string[] }
  | { kind: 'MOVE'; itemIds: readonly string[]; position: ModelPosition }
  | { kind: 'UPDATE' }
  | { kind: 'UNDO'; revision: number }

/** The list after one more edit, which is its `revision`. Throws when it could not have been accepted. */
export function applyToModel(list: readonly ModelItem[], edit: ModelEdit, revision = 0): ModelItem[] {
  switch (edit.kind) {
    case 'ADD': {
      const added = edit.itemIds.map((id) => ({
        id,
        isRemoved: false,
        shownBy: [revision],
        placedAt: revision,
      }))
      return list.toSpliced(placeOf(list, edit.position), 0, ...added)
    }
    case 'REMOVE':
      return list.map((item) => (edit.itemIds.includes(item.id) ? removed(item, revision) : item))
    case 'MOVE': {
      const block = edit.itemIds.map((id) => ({ ...visible(list, id), placedAt: revision }))
      const place = placeOf(list, edit.position)
      const leave = (item: ModelItem): ModelItem =>
        edit.itemIds.includes(item.id) ? leftBy(item, revision, revision) : item
      return [...list.slice(0, place).map(leave), ...block, ...list.slice(place).map(leave)]
    }
    case 'UPDATE':
      return [...list]
    case 'UNDO':
      return list.map((item) => undone(list, item, edit.revision, revision))
  }
}

/** What stands in the place of `item` once `revision` has taken back what `undoes` did. */
function undone(list: readonly ModelItem[], item: ModelItem, undoes: number, revision: number): ModelItem {
  if (item.left === undefined) {
    const left = list.find((place) => place.goneAt === undoes && place.left?.by === item.id)
    if (left !== undefined) return leftBy(item, revision, left.placedAt ?? 0)
    if (item.shownBy?.includes(undoes) === true) return removed(item, revision)
    if (item.goneAt !== undoes || !item.isRemoved) return item
    return { ...item, isRemoved: false, shownBy: [...(item.shownBy ?? []), revision] }
  }
  if (item.goneAt !== undoes) return item
  const mover = visible(list, item.left.by)
  if (mover.placedAt !== item.left.for) throw new Error('What has been moved on has moved back')
  return { ...mover, placedAt: item.placedAt ?? 0 }
}

export function visibleIds(list: readonly ModelItem[]): string[] {
  return list.filter((item) => !item.isRemoved).map((item) => item.id)
}

function visible(list: readonly ModelItem[], id: string): ModelItem {
  const item = list.find((other) => other.id === id)
  if (item === undefined || item.isRemoved) throw new Error('A removed item has moved')
  return item
}

function removed(item: ModelItem, revision: number): ModelItem {
  return item.isRemoved ? item : { ...item, isRemoved: true, goneAt: revision }
}

/** The place that an item leaves, for the place that `successor` made. */
function leftBy(item: ModelItem, revision: number, successor: number): ModelItem {
  return {
    id: `${item.id}@${revision}`,
    isRemoved: true,
    goneAt: revision,
    placedAt: item.placedAt ?? 0,
    left: { by: item.id, for: successor },
  }
}

function placeOf(list: readonly ModelItem[], position: ModelPosition): number {
  if ('start' in position) return 0
  if ('end' in position) return list.length
  const id = 'before' in position ? position.before : position.after
  const index = list.findIndex((item) => item.id === id)
  if (index < 0) throw new Error('An anchor was never in the list')
  return 'before' in position ? index : index + 1
}
