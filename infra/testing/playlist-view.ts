import { type Json, list } from './client.ts'

/** A subscriber's own copy of a playlist, kept by applying what `playlistChanged` sends and nothing else. */
export interface PlaylistView {
  apply(change: Json): void
  itemIds(): string[]
  revision(): number
  /** Gaps, repeats and ops that did not fit: empty when the stream kept its word. */
  faults(): string[]
}

export function createPlaylistView(): PlaylistView {
  let items: string[] = []
  let revision = -1
  let isSnapshotOpen = false
  const faults: string[] = []

  const insert = (ids: readonly string[], after: string | null): void => {
    const at = after === null ? 0 : items.indexOf(after) + 1
    if (after !== null && at === 0) faults.push(`${after} is not in the list at revision ${revision}`)
    items.splice(at, 0, ...ids)
  }
  const remove = (ids: readonly string[]): void => {
    const gone = new Set(ids)
    items = items.filter((id) => !gone.has(id))
  }

  return {
    apply(change) {
      const kind = String(change['kind'])
      const next = Number(change['revision'])
      if (kind === 'RESYNC') return
      if (kind === 'SNAPSHOT') {
        if (!(isSnapshotOpen && next === revision)) items = []
        isSnapshotOpen = true
      } else {
        if (next !== revision + 1) faults.push(`revision ${next} after ${revision}`)
        isSnapshotOpen = false
      }
      revision = next
      for (const op of list(change['ops'])) {
        const opType = String(op['__typename'])
        const after = op['after'] == null ? null : String(op['after'])
        if (opType === 'ItemsAdded')
          insert(
            list(op['items']).map((item) => String(item['id'])),
            after,
          )
        if (opType === 'ItemsRemoved') remove(list(op['itemIds']).map(String))
        if (opType === 'ItemsMoved') {
          remove(list(op['itemIds']).map(String))
          insert(list(op['itemIds']).map(String), after)
        }
      }
    },
    itemIds: () => [...items],
    revision: () => revision,
    faults: () => faults,
  }
}
