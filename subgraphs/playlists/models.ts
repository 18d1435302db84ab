import type { Connection, Edge } from '#shared/connection.ts'
import type { UserError } from '#shared/errors.ts'

export type PlaylistRole = 'OWNER' | 'EDITOR' | 'VIEWER'
export type MemberRole = 'EDITOR' | 'VIEWER'
export type Visibility = 'PUBLIC' | 'PRIVATE'
export type DetailField = 'NAME' | 'DESCRIPTION' | 'VISIBILITY' | 'COLLABORATIVE' | 'COVER'

/** What a list says of itself: the part of it that has a history. */
export interface Details {
  name: string
  description: string | null
  visibility: Visibility
  collaborative: boolean
  /** Of the picture that was uploaded, if one was. */
  coverId: string | null
}

export interface PlaylistRow extends Details {
  id: string
  ownerId: string
  revision: number
  itemCount: number
  followerCount: number
  /** Turned whenever ranks are given anew: a cursor of an earlier epoch finds its item's new rank. */
  rankEpoch: number
}

/** A list with the role that was given to the viewer, if any. */
export interface SeenPlaylist extends PlaylistRow {
  memberRole: MemberRole | null
}

export interface ItemRow {
  id: string
  playlistId: string
  trackId: string
  /** Times from a stored op or answer are ISO text. */
  addedAt: Date | string
  addedBy: string
}

export interface RankedItemRow extends ItemRow {
  rank: string
}

export interface CollaboratorRow {
  playlistId: string
  userId: string
  role: MemberRole
}

/** The role of each who joined a list. */
export type Members = Readonly<Record<string, MemberRole>>

/** One part of an edit as it is stored and sent. `after` is the visible item before the first one, null at the top. */
export type Op<Item = ItemRow> =
  | { kind: 'ItemsAdded'; items: Item[]; after: string | null }
  | { kind: 'ItemsRemoved'; itemIds: string[] }
  | { kind: 'ItemsMoved'; itemIds: string[]; after: string | null }
  | { kind: 'DetailsChanged'; fields: DetailField[] }

export type OpOf<Kind extends Op['kind']> = Extract<Op, { kind: Kind }>

/** What an item of a stored op needs beside the op's own list; time and person where they are not the op's. */
export type StoredOp = Op<Pick<ItemRow, 'id' | 'trackId'> & Partial<Pick<ItemRow, 'addedAt' | 'addedBy'>>>

export type EditKind = 'CREATE' | 'ADD' | 'REMOVE' | 'MOVE' | 'UPDATE' | 'DELETE'

/** A revision of a list, as the log keeps it; its parent is the revision before. */
export interface Edit {
  revision: number
  kind: EditKind
  at: Date
  actorId: string
  nonce: string | null
  /** The revision that this one took back. */
  undoes: number | null
  ops: Op[]
  details: Details
}

/** A message of `playlistChanged`. */
export interface Change {
  kind: 'SNAPSHOT' | 'EDIT' | 'RESYNC' | 'DELETED' | 'ACCESS_LOST'
  revision: number
  parentRevision: number | null
  at: Date
  nonce: string | null
  actorId: string | null
  ops: Op[]
  /** The list with its details as they were at `revision`, and who may see it: the same for everybody who gets the message. */
  playlist: (PlaylistRow & { members: Members }) | null
}

export interface Skipped {
  trackId: string
  reason: 'DUPLICATE' | 'NOT_FOUND' | 'LIST_FULL'
}

export type ItemConnection = Connection<RankedItemRow>

/** A list in somebody's library, and since when (microseconds of the epoch, as text). */
export interface ShelfRow {
  playlistId: string
  since: string
}

export interface ShelfQuery {
  userId: string
  /** Whether the person looks at their own: joined, followed and private lists are for no one else. */
  isOwn: boolean
  /** Only what lies in this folder of theirs; null for the whole library. */
  folderId: string | null
  first: number
  after: ShelfRow | null
}

/** One of a person's folders; null as parent is the top. */
export interface FolderRow {
  id: string
  ownerId: string
  name: string
  parentId: string | null
}

export type SavedKind = 'TRACK' | 'ALBUM'

/** What was saved, and since when (microseconds of the epoch, as text). */
export interface SavedRow {
  id: string
  since: string
}

export type SavedEdge = Edge<SavedRow>
export type SavedPage = Connection<SavedRow>

/** A picture somebody uploaded. */
export interface CoverRow {
  id: string
  width: number
  height: number
}

/** The list a cover is of. */
export interface CoverSource {
  playlistId: string
  coverId: string | null
}

export type Activity = 'VIEWING' | 'SELECTING' | 'DRAGGING'

/** Somebody who is in a list now. */
export interface Viewer {
  userId: string
  itemId: string | null
  activity: Activity
}

export interface Presence {
  viewers: Viewer[]
}

export type ShelfEdge = Edge<ShelfRow>
export type Shelf = Connection<ShelfRow> & { query: ShelfQuery }

/** A payload that names the list it is about: it is read after the edit, as far as the viewer may see it. */
export interface AboutPlaylist {
  playlistId: string | null
  userErrors: UserError[]
}

export interface UpdatedPlaylist extends AboutPlaylist {
  revision: number | null
  alreadyApplied: boolean | null
}

/** A payload that names one of the viewer's folders. */
export interface AboutFolder {
  folderId: string | null
  userErrors: UserError[]
}

/** What another room resolves. */
export interface ForeignKey {
  id: string
}
