import { Refusal } from '#shared/errors.ts'
import { newId } from '#shared/id.ts'
import type { Identity } from '#shared/identity.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { ItemRow, PlaylistRow, Skipped } from '../models.ts'
import { type Edited, type EditInput, type EditTools, edit } from './edit.ts'
import { MAX_ITEMS, requireIds } from './ids.ts'
import { type Place, type PositionInput, placeIn, readPosition, requirePlace } from './position.ts'
import { ranksBetween } from './rank.ts'
import type { Change } from './record.ts'

export interface AddItemsInput extends EditInput {
  trackIds: readonly string[]
  position?: PositionInput | null | undefined
  onDuplicate?: 'ALLOW' | 'SKIP' | 'FAIL' | null | undefined
}

export interface AddedItems {
  items: ItemRow[]
  skipped: Skipped[]
}

interface Found {
  known: string[]
  present: string[]
  place: Place | null
}

/**
 * Adds tracks as one block, in the order given. Tracks nobody knows, doubles (if they are to be skipped) and what no longer
 * fits are left out and named; a refusal with DUPLICATE or LIMIT_REACHED adds nothing.
 */
export async function addItems(
  tools: EditTools,
  identity: Identity,
  input: AddItemsInput,
): Promise<Edited<AddedItems>> {
  const trackIds = requireIds(input.trackIds, 'trackIds')
  const position = readPosition(input.position)
  const onDuplicate = input.onDuplicate ?? 'ALLOW'
  const { playlistId } = input
  return edit<Found, AddedItems>(tools, identity, {
    input,
    right: 'EDITOR',
    content: ['ADD', trackIds, position, onDuplicate],
    find: Prisma.sql`
      ARRAY(SELECT id FROM track WHERE id = ANY (${trackIds}::text[]) AND NOT is_removed) AS known,
      ARRAY(SELECT DISTINCT track_id FROM playlist_item
             WHERE ${onDuplicate !== 'ALLOW'} AND playlist_id = ${playlistId} AND removed_at_revision IS NULL
               AND track_id = ANY (${trackIds}::text[])) AS present,
      ${placeIn(playlistId, position)} AS place`,

    async decide(tx, playlist, { at, userId, known, present, place: found }) {
      const place = requirePlace(found, position)
      const { chosen, skipped, double } = choose(
        trackIds,
        new Set(known),
        onDuplicate === 'ALLOW' ? null : new Set(present),
      )
      if (onDuplicate === 'FAIL' && double !== null) throw duplicateAt(double, trackIds)
      const fitting = takeFitting(chosen, playlist, skipped)
      if (fitting.length === 0) return { change: null, answer: { items: [], skipped } }
      const ranks = await ranksBetween(tx, playlistId, place, fitting.length)
      const items = fitting.map((trackId) => ({ id: newId('item'), trackId }))
      const answer = {
        items: items.map((item) => ({ ...item, playlistId, addedAt: at.toISOString(), addedBy: userId })),
        skipped,
      }
      const by = { at, addedBy: userId, revision: playlist.revision + 1 }
      return { change: addition(playlistId, items, ranks, place.after, by), answer }
    },
  })
}

/** The change that puts items at their ranks. */
export function addition(
  playlistId: string,
  items: readonly { id: string; trackId: string }[],
  ranks: readonly string[],
  after: string | null,
  { at, addedBy, revision }: { at: Date; addedBy: string; revision: number },
): Change {
  return {
    kind: 'ADD',
    ops: [{ kind: 'ItemsAdded', items: [...items], after }],
    itemCountBy: items.length,
    items: [
      Prisma.sql`
      INSERT INTO playlist_item (id, playlist_id, track_id, rank, added_at, added_by, placed_at)
      SELECT id, ${playlistId}, track_id, rank, ${at.toISOString()}::text::timestamptz, ${addedBy}, ${revision}
        FROM unnest(${items.map((item) => item.id)}::text[], ${items.map((item) => item.trackId)}::text[],
                    ${ranks}::text[]) AS added(id, track_id, rank)`,
    ],
  }
}

interface Choice {
  chosen: string[]
  skipped: Skipped[]
  /** Where the first double stands. */
  double: number | null
}

/** `present` null: doubles are welcome. A track given twice is a double of itself. */
function choose(
  trackIds: readonly string[],
  known: ReadonlySet<string>,
  present: Set<string> | null,
): Choice {
  const chosen: string[] = []
  const skipped: Skipped[] = []
  let double: number | null = null
  for (const [index, trackId] of trackIds.entries()) {
    if (!known.has(trackId)) skipped.push({ trackId, reason: 'NOT_FOUND' })
    else if (present?.has(trackId) === true) {
      skipped.push({ trackId, reason: 'DUPLICATE' })
      double ??= index
    } else {
      chosen.push(trackId)
      present?.add(trackId)
    }
  }
  return { chosen, skipped, double }
}

function duplicateAt(index: number, trackIds: readonly string[]): Refusal {
  const message = `${trackIds[index]} is in the playlist already`
  return new Refusal('DUPLICATE', message, ['trackIds', String(index)])
}

/** The first of `chosen` that still fit; the rest is added to `skipped`. */
function takeFitting(
  chosen: readonly string[],
  { itemCount }: PlaylistRow,
  skipped: Skipped[],
): readonly string[] {
  const free = MAX_ITEMS - itemCount
  if (chosen.length > 0 && free <= 0)
    throw new Refusal('LIMIT_REACHED', `A playlist has at most ${MAX_ITEMS} items`, ['trackIds'])
  for (const trackId of chosen.slice(free)) skipped.push({ trackId, reason: 'LIST_FULL' })
  return chosen.slice(0, free)
}
