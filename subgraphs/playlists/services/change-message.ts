import type { Change, Details, Edit, Op } from '../models.ts'
import type { Snapshot } from './history.ts'

/** A change before it is known who sees it: the details as they were at its revision, where those matter. */
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

export function editMessage(edit: Edit): Message {
  const { revision, at, nonce, actorId, ops, details } = edit
  const kind = edit.kind === 'DELETE' ? 'DELETED' : 'EDIT'
  return { kind, revision, parentRevision: revision - 1, at, nonce, actorId, ops, details, playlist: null }
}

/** The whole list as blocks, each placed after the last item of the one before; an empty list is one message without ops. */
export function snapshotMessages({ at, revision, details, items }: Snapshot): Message[] {
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
