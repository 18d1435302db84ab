import type { Identity } from '#shared/identity.ts'
import type { RoomResponse } from '#shared/room.ts'
import { readOperations } from './operations.ts'
import { NOBODY, type RoomProcess } from './playlists-room.ts'

/** A message of `playlistChanged` as the operation of the contract selects it. */
export interface ChangeMessage {
  kind: 'SNAPSHOT' | 'EDIT' | 'RESYNC' | 'DELETED' | 'ACCESS_LOST'
  revision: number
  parentRevision: number | null
  at: string
  nonce: string | null
  actor: { id: string } | null
  ops: ChangeOp[]
  playlist: { id: string; name: string; revision: number } | null
}

export interface ChangeOp {
  __typename: 'ItemsAdded' | 'ItemsRemoved' | 'ItemsMoved' | 'DetailsChanged'
  items?: { id: string; track: { id: string } }[]
  itemIds?: string[]
  after?: string | null
  fields?: string[]
}

/** A subscription of the contract; throws the errors of one that is refused. */
export interface Subscriber {
  next(): Promise<ChangeMessage | null>
  leave(): Promise<void>
}

const QUERY = readOperations().get('PlaylistChanged') ?? ''

export async function subscribe(
  { room }: RoomProcess,
  id: string,
  options: { since?: number; identity?: Identity } = {},
): Promise<Subscriber> {
  const { since = null, identity = NOBODY } = options
  const stream = await room.subscribe({ query: QUERY, variables: { id, sinceRevision: since }, identity })
  if (!(Symbol.asyncIterator in stream)) throw new Error(stream.errors?.[0]?.extensions?.['code'] as string)
  return {
    async next() {
      const step: IteratorResult<RoomResponse> = await stream.next()
      if (step.done === true) return null
      if (step.value.errors !== undefined) throw new Error(JSON.stringify(step.value.errors))
      return step.value.data?.['playlistChanged'] as ChangeMessage
    },
    async leave() {
      await stream.return?.()
    },
  }
}

/** Up to `count` messages; fewer when the stream ends before. */
export async function take(subscriber: Subscriber, count: number): Promise<ChangeMessage[]> {
  const messages: ChangeMessage[] = []
  while (messages.length < count) {
    const message = await subscriber.next()
    if (message === null) break
    messages.push(message)
  }
  return messages
}

/** A list as a client keeps it: nothing but the messages, in the order they came. Throws when the order has a hole. */
export interface View {
  items: string[]
  revision: number
  name: string
  apply(message: ChangeMessage): void
}

export function createView(): View {
  let isFilling = false
  const view: View = {
    items: [],
    revision: 0,
    name: '',
    apply(message) {
      const isNext = message.kind === 'SNAPSHOT' && isFilling && message.revision === view.revision
      if (message.kind === 'SNAPSHOT' && !isNext) view.items = []
      if (message.kind === 'EDIT' && message.parentRevision !== view.revision)
        throw new Error(`an edit of ${message.parentRevision} came at ${view.revision}`)
      isFilling = message.kind === 'SNAPSHOT'
      for (const op of message.ops) view.items = applyOp(view.items, op)
      view.revision = message.revision
      view.name = message.playlist?.name ?? view.name
    },
  }
  return view
}

function applyOp(items: readonly string[], op: ChangeOp): string[] {
  const named = op.itemIds ?? (op.items ?? []).map((item) => item.id)
  const isKnown = op.__typename !== 'ItemsAdded'
  for (const id of named)
    if (items.includes(id) !== isKnown) throw new Error(`${op.__typename} of ${id} makes no sense`)
  if (op.__typename === 'DetailsChanged') return [...items]
  const rest = items.filter((id) => !named.includes(id))
  if (op.__typename === 'ItemsRemoved') return rest
  const place = op.after == null ? 0 : rest.indexOf(op.after) + 1
  if (op.after != null && place === 0)
    throw new Error(`${op.__typename} after ${op.after}, which is not there`)
  return rest.toSpliced(place, 0, ...named)
}
