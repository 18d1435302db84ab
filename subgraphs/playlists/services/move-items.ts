import { Refusal } from '#shared/errors.ts'
import { newId } from '#shared/id.ts'
import type { Identity } from '#shared/identity.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { type Edited, type EditTools, edit } from './edit.ts'
import { findWrong, requireIds } from './ids.ts'
import { type Place, type PositionInput, placeIn, readPosition, requirePlace } from './position.ts'
import { ranksBetween } from './rank.ts'
import { type FoundItem, type ItemsInput, itemsIn, requireKnown } from './remove-items.ts'

export interface MoveItemsInput extends ItemsInput {
  position: PositionInput
}

export interface MovedItems {
  anchorMoved: boolean
}

interface Found {
  items: FoundItem[]
  place: Place | null
}

/**
 * Moves items to one place as a block, in the order given; whoever moves an item last has moved it. All or none: ITEM_GONE
 * when one of them has been removed, with its neighbours in the message. An item may be its own anchor: the block then
 * stands where that item stood.
 */
export async function moveItems(
  tools: EditTools,
  identity: Identity,
  input: MoveItemsInput,
): Promise<Edited<MovedItems>> {
  const itemIds = requireIds(input.itemIds, 'itemIds')
  const twice = findWrong(itemIds, 'itemIds', (id, index) => itemIds.indexOf(id) < index)
  if (twice !== null) throw new Refusal('BAD_USER_INPUT', 'An item has one place, not two', twice.path)
  const position = readPosition(input.position)
  const { playlistId } = input
  return edit<Found, MovedItems>(tools, identity, {
    input,
    right: 'EDITOR',
    content: ['MOVE', itemIds, position],
    find: Prisma.sql`
      ${itemsIn(playlistId, itemIds)} AS items,
      ${placeIn(playlistId, position, itemIds)} AS place`,

    async decide(tx, playlist, { items, place: found }) {
      requireKnown(itemIds, items)
      await refuseGone(tx, playlistId, itemIds, items)
      const place = requirePlace(found, position)
      const ranks = await ranksBetween(tx, playlistId, place, itemIds.length)
      return {
        change: {
          kind: 'MOVE',
          ops: [{ kind: 'ItemsMoved', itemIds: [...itemIds], after: place.after }],
          items: movement(itemIds, ranks, playlist.revision + 1),
        },
        answer: { anchorMoved: place.isAnchorGone },
      }
    },
  })
}

/** Gives items new ranks, and leaves their places behind for whoever takes the move back. */
function movement(itemIds: readonly string[], ranks: readonly string[], revision: number): Prisma.Sql[] {
  const places = itemIds.map(() => newId('item'))
  return [
    Prisma.sql`
      INSERT INTO playlist_item (id, playlist_id, track_id, rank, added_at, added_by, placed_at,
                                 removed_at_revision, left_by, left_for)
      SELECT place.id, playlist_id, track_id, rank, added_at, added_by, placed_at, ${revision}, item.id, ${revision}
        FROM unnest(${places}::text[], ${itemIds}::text[]) AS place(id, item_id) JOIN playlist_item item ON item.id = item_id`,
    Prisma.sql`
      UPDATE playlist_item item SET rank = moved.rank, placed_at = ${revision}
        FROM unnest(${itemIds}::text[], ${ranks}::text[]) AS moved(id, rank) WHERE item.id = moved.id`,
  ]
}

async function refuseGone(
  tx: Prisma.TransactionClient,
  playlistId: string,
  itemIds: readonly string[],
  items: readonly FoundItem[],
): Promise<void> {
  const removedAt = new Map(items.map((item) => [item.id, item.removedAt]))
  const gone = findWrong(itemIds, 'itemIds', (id) => removedAt.get(id) !== null)
  if (gone === null) return
  const [between] = await tx.$queryRaw<{ left: string | null; right: string | null }[]>`
    SELECT (SELECT id FROM playlist_item WHERE playlist_id = ${playlistId} AND removed_at_revision IS NULL
               AND rank < gone.rank ORDER BY rank DESC LIMIT 1) AS left,
           (SELECT id FROM playlist_item WHERE playlist_id = ${playlistId} AND removed_at_revision IS NULL
               AND rank > gone.rank ORDER BY rank LIMIT 1) AS right
      FROM playlist_item gone WHERE id = ${gone.id}`
  const place = `between ${between?.left ?? 'the start'} and ${between?.right ?? 'the end'}`
  const message = `${gone.id} was removed at revision ${removedAt.get(gone.id)}; it stood ${place}`
  throw new Refusal('ITEM_GONE', message, gone.path)
}
