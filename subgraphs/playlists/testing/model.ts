/** What a list should be, told in the plainest way: one array with its tombstones, edits one after the other. */
export interface ModelItem {
  id: string
  isRemoved: boolean
}

export type ModelPosition = { start: true } | { end: true } | { before: string } | { after: string }

/** An edit that was accepted, with the ids it was about. */
export type ModelEdit =
  | { kind: 'ADD'; itemIds: readonly string[]; position: ModelPosition }
  | { kind: 'REMOVE'; itemIds: readonly string[] }
  | { kind: 'MOVE'; itemIds: readonly string[]; position: ModelPosition }
  | { kind: 'UPDATE' }

/** The list after one more edit. Throws when it could not have been accepted. */
export function applyToModel(list: readonly ModelItem[], edit: ModelEdit): ModelItem[] {
  switch (edit.kind) {
    case 'ADD':
      return list.toSpliced(placeOf(list, edit.position), 0, ...edit.itemIds.map(asVisible))
    case 'REMOVE':
      return list.map((item) => (edit.itemIds.includes(item.id) ? { ...item, isRemoved: true } : item))
    case 'MOVE': {
      const moved = list.filter((item) => edit.itemIds.includes(item.id))
      if (moved.some((item) => item.isRemoved)) throw new Error('A removed item has moved')
      const place = placeOf(list, edit.position)
      const stays = (item: ModelItem): boolean => !moved.includes(item)
      const block = edit.itemIds.map(asVisible)
      return [...list.slice(0, place).filter(stays), ...block, ...list.slice(place).filter(stays)]
    }
    case 'UPDATE':
      return [...list]
  }
}

export function visibleIds(list: readonly ModelItem[]): string[] {
  return list.filter((item) => !item.isRemoved).map((item) => item.id)
}

function asVisible(id: string): ModelItem {
  return { id, isRemoved: false }
}

function placeOf(list: readonly ModelItem[], position: ModelPosition): number {
  if ('start' in position) return 0
  if ('end' in position) return list.length
  const id = 'before' in position ? position.before : position.after
  const index = list.findIndex((item) => item.id === id)
  if (index < 0) throw new Error('An anchor was never in the list')
  return 'before' in position ? index : index + 1
}
