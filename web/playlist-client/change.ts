/** What the server says of a playlist, as the documents of this folder select it. */

/** A track with whatever fields the front end selects; they may be null while the catalogue is away. */
export interface Track {
  id: string
}

export interface WireItem<T extends Track> {
  id: string
  track: T | null
}

/** One part of an edit. `after` is the visible item right before the first one once it is applied; null = at the top. */
export type Op<T extends Track> =
  | { __typename: 'ItemsAdded'; items: readonly WireItem<T>[]; after: string | null }
  | { __typename: 'ItemsRemoved'; itemIds: readonly string[] }
  | { __typename: 'ItemsMoved'; itemIds: readonly string[]; after: string | null }
  | { __typename: 'DetailsChanged' }

export interface Details {
  name: string
  description: string | null
  visibility: 'PUBLIC' | 'PRIVATE'
  collaborative: boolean
}

/**
 * A message of `playlistChanged`. A SNAPSHOT is the whole list at `revision`, as blocks of at most BLOCK items: all but the last are
 * full, and the first is the one at the top. An EDIT turns `parentRevision` into `revision`. After a RESYNC comes a SNAPSHOT.
 */
export interface Change<T extends Track> {
  kind: 'SNAPSHOT' | 'EDIT' | 'RESYNC' | 'DELETED' | 'ACCESS_LOST'
  revision: number
  parentRevision: number | null
  at: string
  nonce: string | null
  actor: { id: string; displayName: string } | null
  ops: readonly Op<T>[]
  playlist: Details | null
}

export const BLOCK = 100
