import { Refusal } from '#shared/errors.ts'
import type { Identity } from '#shared/identity.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { type Edited, type EditInput, type EditTools, edit } from './edit.ts'
import { findWrong, requireIds } from './ids.ts'

export interface ItemsInput extends EditInput {
  itemIds: readonly string[]
}

export interface FoundItem {
  id: string
  /** Null while it can be seen. */
  removedAt: number | null
}

/** SQL for the rows of `itemIds` in a list, tombstones too, as JSON. */
export function itemsIn(playlistId: string, itemIds: readonly string[]): Prisma.Sql {
  return Prisma.sql`
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'removedAt', removed_at_revision)), '[]')
       FROM playlist_item WHERE playlist_id = ${playlistId} AND id = ANY (${itemIds}::text[]))`
}

/**
 * Removes items, leaving tombstones. What is removed already stays removed: `alreadyApplied` when that is true of all. An
 * item that was never in the list is NOT_FOUND, and nothing is removed. An id given twice counts once.
 */
export async function removeItems(
  tools: EditTools,
  identity: Identity,
  input: ItemsInput,
): Promise<Edited<{ alreadyApplied: boolean }>> {
  const itemIds = [...new Set(requireIds(input.itemIds, 'itemIds'))]
  const { playlistId } = input
  return edit<{ items: FoundItem[] }, { alreadyApplied: boolean }>(tools, identity, {
    input,
    right: 'EDITOR',
    content: ['REMOVE', itemIds],
    find: Prisma.sql`${itemsIn(playlistId, itemIds)} AS items`,

    async decide(_tx, playlist, { items }) {
      requireKnown(input.itemIds, items)
      const visible = new Set(items.filter((item) => item.removedAt === null).map((item) => item.id))
      const removed = itemIds.filter((id) => visible.has(id))
      if (removed.length === 0) return { change: null, answer: { alreadyApplied: true } }
      return {
        change: {
          kind: 'REMOVE',
          ops: [{ kind: 'ItemsRemoved', itemIds: removed }],
          itemCountBy: -removed.length,
          items: [removal(removed, playlist.revision + 1)],
        },
        answer: { alreadyApplied: false },
      }
    },
  })
}

/** Makes tombstones of items. */
export function removal(itemIds: readonly string[], revision: number): Prisma.Sql {
  return Prisma.sql`
    UPDATE playlist_item SET removed_at_revision = ${revision} WHERE id = ANY (${itemIds}::text[])`
}

/** NOT_FOUND for an item that was never in the list, or so long ago that its tombstone is gone. */
export function requireKnown(itemIds: readonly string[], items: readonly FoundItem[]): void {
  const known = new Set(items.map((item) => item.id))
  const unknown = findWrong(itemIds, 'itemIds', (id) => !known.has(id))
  if (unknown !== null) throw new Refusal('NOT_FOUND', 'This item was never in this playlist', unknown.path)
}
