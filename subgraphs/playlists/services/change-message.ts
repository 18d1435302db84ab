import type { Change, Details, Edit, Op } from '../models.ts'
import type { Head } from './head.ts'
import type { Snapshot } from './history.ts'

/** A change before it is known how the list stands when it is told: the details as they were at its revision, where those matter. */
export type Message = Change & { details?: Details }

const BLOCK = 100

export function detailsOf({ name, description, visibility, collaborative, coverId }: Details): Details {
  return { name, description, visibility, collaborative, coverId }
}

/** A message without ops; with the list as it then is, where there is one to show. */
export function plainMessage(
  kind: 'RESYNC' | 'DELETED' | 'ACCESS_LOST',
  revision: number,
  details: Details | null,
): Message {
  const about = { kind, revision, parentRevision: null, at: new Date(), nonce: null, actorId: null }
  return { ...about, ops: [], playlist: null, ...(details !== null && { details }) }
}

/** One message for one edit, however many are told of it. */
export function editMessage(edit: Edit): Message {
  const known = messages.get(edit)
  if (known !== undefined) return known
  const { revision, at, nonce, actorId, ops, details } = edit
  const kind = edit.kind === 'DELETE' ? 'DELETED' : 'EDIT'
  const about = { revision, parentRevision: revision - 1, at, nonce, actorId }
  const message: Message = { ...about, kind, ops, details, playlist: null }
  messages.set(edit, message)
  return message
}

const messages = new WeakMap<Edit, Message>()

/**
 * A message with the list as it stands, its details put back to what they were at that revision. One object for all who are
 * told while it stands so: what is made of it is made once.
 */
export function toldAt(head: Head, message: Message): Change {
  const known = told.get(message)
  if (known?.head === head) return known.change
  const { details, ...change } = message
  if (change.kind !== 'DELETED')
    change.playlist = { ...head.playlist, ...details, revision: change.revision, members: head.members }
  told.set(message, { head, change })
  return change
}

const told = new WeakMap<Message, { head: Head; change: Change }>()

/**
 * The whole list as blocks, each placed after the last item of the one before; an empty list is one message without ops. The
 * same messages for all who share a snapshot.
 */
export function snapshotMessages(snapshot: Snapshot): readonly Message[] {
  const known = blocks.get(snapshot)
  if (known !== undefined) return known
  const made = blocksOf(snapshot)
  blocks.set(snapshot, made)
  return made
}

const blocks = new WeakMap<Snapshot, Message[]>()

function blocksOf({ at, revision, details, items }: Snapshot): Message[] {
  const about = { kind: 'SNAPSHOT', revision, parentRevision: null, at, nonce: null, actorId: null } as const
  if (items.length === 0) return [{ ...about, details, ops: [], playlist: null }]
  const messages: Message[] = []
  for (let start = 0; start < items.length; start += BLOCK) {
    const block = items.slice(start, start + BLOCK)
    const op: Op = { kind: 'ItemsAdded', items: block, after: items[start - 1]?.id ?? null }
    messages.push({ ...about, details, ops: [op], playlist: null })
  }
  return messages
}
