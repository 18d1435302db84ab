import type { z } from 'zod'
import type { playlistItemsChanged } from '../events.ts'

/** What is in a playlist, in order. */
export type PlaylistItems = readonly { id: string; trackId: string }[]

export type ItemsOp = z.infer<typeof playlistItemsChanged>['ops'][number]

/** An op does not fit: an edit before it is missing. */
export class Misfit extends Error {}

/** The items after an op. */
export function applyOp(items: PlaylistItems, op: ItemsOp): PlaylistItems {
  switch (op.kind) {
    case 'ItemsAdded':
      return insert(items, op.items, op.after)
    case 'ItemsRemoved': {
      const gone = new Set(op.itemIds)
      return items.filter(({ id }) => !gone.has(id))
    }
    case 'ItemsMoved': {
      const byId = new Map(items.map((item) => [item.id, item]))
      const moved = op.itemIds.map((id) => byId.get(id))
      const names = new Set(op.itemIds)
      const rest = items.filter(({ id }) => !names.has(id))
      return insert(
        rest,
        moved.filter((item) => item !== undefined),
        op.after,
      )
    }
  }
}

function insert(items: PlaylistItems, block: PlaylistItems, after: string | null): PlaylistItems {
  const index = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1
  if (after !== null && index === 0) throw new Misfit('Items come after one that is not there')
  return items.toSpliced(index, 0, ...block)
}
