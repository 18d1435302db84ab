import type { Change, Op, Track } from '../change.ts'

const DETAILS = { name: 'Road trip', description: null, visibility: 'PRIVATE', collaborative: true } as const

/** An item whose track is told by the item's id. */
export function item(id: string): { id: string; track: Track } {
  return { id, track: { id: `track ${id}` } }
}

export function added(ids: readonly string[], after: string | null): Op<Track> {
  return { __typename: 'ItemsAdded', items: ids.map(item), after }
}

export function removed(...itemIds: string[]): Op<Track> {
  return { __typename: 'ItemsRemoved', itemIds }
}

export function moved(itemIds: readonly string[], after: string | null): Op<Track> {
  return { __typename: 'ItemsMoved', itemIds, after }
}

export function snapshot(
  revision: number,
  ids: readonly string[],
  after: string | null = null,
): Change<Track> {
  return message('SNAPSHOT', revision, null, null, ids.length === 0 ? [] : [added(ids, after)])
}

export function edit(
  revision: number,
  ops: readonly Op<Track>[],
  nonce: string | null = null,
): Change<Track> {
  return message('EDIT', revision, revision - 1, nonce, ops)
}

export function message(
  kind: Change<Track>['kind'],
  revision: number,
  parentRevision: number | null = null,
  nonce: string | null = null,
  ops: readonly Op<Track>[] = [],
): Change<Track> {
  return {
    kind,
    revision,
    parentRevision,
    at: '2026-11-21T12:00:00Z',
    nonce,
    actor: null,
    ops,
    playlist: DETAILS,
  }
}
