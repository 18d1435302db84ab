import type { Change, Details, Track, WireItem } from './change.ts'
import { changesQuery, editRequest } from './documents.ts'
import type { Edit } from './edit.ts'
import { followChanges } from './feed.ts'
import type { Item, Position } from './items.ts'
import { createOutbox, type Transport } from './outbox.ts'
import { type Outcome, outcomeOf, type Refusal } from './outcome.ts'
import { createReplica } from './replica.ts'

export interface PlaylistOptions {
  /** A client of graphql-ws, which reconnects by itself. */
  transport: Transport
  id: string
  /** What to select of a track beside its id. */
  trackFields?: string
}

/** A new object whenever anything in it has changed. */
export interface PlaylistState<T extends Track> {
  /** LOADING until the first of the list is here. The last three are for good. */
  status: 'LOADING' | 'LIVE' | 'DELETED' | 'ACCESS_LOST' | 'REFUSED'
  /** Why it is REFUSED: NOT_FOUND also stands for a list that one may not see. */
  refusal: Refusal | null
  items: readonly Item<T>[]
  details: Details | null
  /** Of the list as the server told it; null until it has. */
  revision: number | null
  /** Edits that the server has not answered, or not told, yet. */
  pending: number
}

/** A playlist as it is now, with one's own edits shown at once. */
export interface LivePlaylist<T extends Track> {
  state(): PlaylistState<T>
  /** Calls `listener` after each change of the state: with what the server told, null where it was this client. */
  onChange(listener: (change: Change<T> | null) => void): () => void
  add(tracks: readonly T[], position?: Position, onDuplicate?: 'ALLOW' | 'SKIP' | 'FAIL'): Promise<Outcome>
  remove(itemIds: readonly string[]): Promise<Outcome>
  move(itemIds: readonly string[], position: Position): Promise<Outcome>
  update(details: Partial<Details>): Promise<Outcome>
  /** Takes back an edit of one's own, by the revision its outcome named. */
  undo(revision: number): Promise<Outcome>
  close(): void
}

const TRACK_FIELDS = 'title durationMs artists { name }'

/** Follows a playlist until `close`. An edit never throws: its outcome says that it was applied, or why not. */
export function openPlaylist<T extends Track>(options: PlaylistOptions): LivePlaylist<T> {
  const { transport, id, trackFields = TRACK_FIELDS } = options
  const replica = createReplica<T>()
  const outbox = createOutbox(transport)
  const listeners = new Set<(change: Change<T> | null) => void>()
  let status: PlaylistState<T>['status'] = 'LOADING'
  let refusal: Refusal | null = null
  let state: PlaylistState<T> | null = null

  function tell(change: Change<T> | null): void {
    state = null
    for (const listener of listeners) listener(change)
  }

  function end(how: PlaylistState<T>['status'], why: Refusal | null): void {
    status = how
    refusal = why
    close()
  }

  function close(): void {
    leave()
    outbox.close()
  }

  const leave = followChanges<T>({
    transport,
    query: changesQuery(trackFields),
    playlistId: id,
    since: () => replica.since,
    take(change) {
      const taken = replica.take(change)
      if (taken === 'OVER') end(change.kind === 'DELETED' ? 'DELETED' : 'ACCESS_LOST', null)
      if (taken === 'NEWS') status = 'LIVE'
      if (taken === 'NEWS' || taken === 'OVER') tell(change)
      return taken !== 'GAP'
    },
    onRefusal({ code, message }) {
      end('REFUSED', { code, message })
      tell(null)
    },
  })

  function edit(wanted: Edit<T>): Promise<Outcome> {
    const nonce = newNonce()
    replica.begin(nonce, wanted)
    tell(null)
    return new Promise((resolve) => {
      outbox.post({
        write: () => editRequest(wanted, { playlistId: id, nonce }, replica.names),
        settle(answer) {
          const outcome = outcomeOf(answer)
          const added = 'payload' in answer ? (answer.payload.items as WireItem<T>[] | undefined) : undefined
          if (outcome.isApplied) replica.acknowledge(nonce, outcome.revision, added ?? [])
          else replica.rollBack(nonce)
          tell(null)
          resolve(outcome)
        },
      })
    })
  }

  return {
    state() {
      const { revision, pending } = replica
      state ??= { status, refusal, revision, pending: pending.length, ...replica.view() }
      return state
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    add: (tracks, position = { end: true }, onDuplicate = 'ALLOW') =>
      edit({ kind: 'ADD', tracks, position, onDuplicate }),
    remove: (itemIds) => edit({ kind: 'REMOVE', itemIds }),
    move: (itemIds, position) => edit({ kind: 'MOVE', itemIds, position }),
    update: (details) => edit({ kind: 'UPDATE', details }),
    undo: (revision) => edit({ kind: 'UNDO', revision }),
    close,
  }
}

/** Not randomUUID: pages without TLS do not have that. */
function newNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
