import { BLOCK, type Change, type Details, type Op, type Track, type WireItem } from './change.ts'
import { type Edit, type PendingEdit, settle, show, type View } from './edit.ts'
import { applyOp, type Item, Misfit } from './items.ts'
import { createNames, type Names } from './names.ts'

/** STALE: known already. GAP: something is missing, so follow anew from `since`. OVER: nothing comes any more. */
export type Taken = 'NEWS' | 'STALE' | 'GAP' | 'OVER'

/** A copy of one list: what the server has told, and over it the edits of this client that it does not show yet. */
export interface Replica<T extends Track> {
  readonly revision: number | null
  /** What to go on from; null when the whole list is needed. */
  readonly since: number | null
  readonly pending: readonly PendingEdit<T>[]
  /** Never throws: a change that does not fit is a GAP. */
  take(change: Change<T>): Taken
  begin(nonce: string, edit: Edit<T>): void
  /** The answer has come: shown until a change, or the list anew, brings that revision. */
  acknowledge(nonce: string, revision: number, added: readonly WireItem<T>[]): void
  rollBack(nonce: string): void
  readonly names: Names
  view(): View<T>
}

export function createReplica<T extends Track>(): Replica<T> {
  let items: readonly Item<T>[] = []
  let details: Details | null = null
  let revision: number | null = null
  /** False while blocks of a snapshot may still come: what is cut off then cannot be resumed. */
  let isWhole = false
  let pending: readonly PendingEdit<T>[] = []
  const names = createNames()

  const toItem = ({ id, track }: WireItem<T>): Item<T> => ({
    id,
    key: names.keyOf(id),
    track,
    isPending: false,
  })

  function takeSnapshot({ revision: next, ops }: Change<T>): Taken {
    // A repeat, unless it was asked for.
    if (revision !== null && isWhole) return 'STALE'
    const [block] = ops
    const isFirst = block === undefined || ('after' in block && block.after === null)
    if (isFirst) items = []
    else if (next !== revision) return 'GAP'
    revision = next
    for (const op of ops) items = applyOp(items, op, toItem)
    isWhole = block === undefined || ('items' in block && block.items.length < BLOCK)
    return 'NEWS'
  }

  function takeEdit({ revision: next, parentRevision, nonce, ops }: Change<T>): Taken {
    if (revision === null) return 'GAP'
    if (next <= revision) return 'STALE'
    if (parentRevision !== revision) return 'GAP'
    const own = pending.find((edit) => edit.nonce === nonce)
    for (const op of ops) {
      if (own !== undefined && op.__typename === 'ItemsAdded') learn(own, op.items)
      takeOp(op)
    }
    revision = next
    isWhole = true
    return 'NEWS'
  }

  function takeOp(op: Op<T>): void {
    if (op.__typename === 'ItemsRemoved') {
      const removed = new Set(op.itemIds)
      for (const edit of pending) edit.place = settle(names.position(edit.place), items, removed)
    }
    items = applyOp(items, op, toItem)
  }

  function learn({ nonce, edit, place }: PendingEdit<T>, added: readonly WireItem<T>[]): void {
    if (edit.kind === 'ADD') names.learn({ nonce, tracks: edit.tracks, place }, added)
  }

  /** Drops the edits that the list itself now shows. */
  function drop(nonce: string | null): void {
    const isShown = ({ appliedAt }: PendingEdit<T>): boolean =>
      appliedAt !== null && revision !== null && appliedAt <= revision
    pending = pending.filter((edit) => edit.nonce !== nonce && !isShown(edit))
  }

  return {
    get revision() {
      return revision
    },
    get since() {
      return isWhole ? revision : null
    },
    get pending() {
      return pending
    },

    take(change) {
      if (change.kind === 'DELETED' || change.kind === 'ACCESS_LOST') return 'OVER'
      if (change.kind === 'RESYNC') {
        revision = null
        isWhole = false
        return 'STALE'
      }
      try {
        const taken = change.kind === 'SNAPSHOT' ? takeSnapshot(change) : takeEdit(change)
        if (taken !== 'NEWS') return taken
        details = change.playlist ?? details
        drop(change.nonce)
        return 'NEWS'
      } catch (error) {
        if (!(error instanceof Misfit)) throw error
        revision = null
        isWhole = false
        return 'GAP'
      }
    },

    begin(nonce, edit) {
      const place = 'position' in edit ? edit.position : { end: true as const }
      pending = [...pending, { nonce, edit, place, appliedAt: null }]
    },

    acknowledge(nonce, appliedAt, added) {
      const edit = pending.find((one) => one.nonce === nonce)
      if (edit === undefined) return
      learn(edit, added)
      edit.appliedAt = appliedAt
      drop(null)
    },

    rollBack(nonce) {
      const edit = pending.find((one) => one.nonce === nonce)
      if (edit !== undefined) learn(edit, [])
      pending = pending.filter((edit) => edit.nonce !== nonce)
    },

    names,
    view: () => pending.reduce((view, edit) => show(view, edit, names), { items, details } as View<T>),
  }
}
