import { Refusal } from '#shared/errors.ts'
import { isIdOf } from '#shared/id.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Gap } from './rank.ts'

/** As the client says it: exactly one of these. False is the same as left out. */
export interface PositionInput {
  start?: boolean | null | undefined
  end?: boolean | null | undefined
  before?: string | null | undefined
  after?: string | null | undefined
}

export type Position = { at: 'start' | 'end' } | { at: 'before' | 'after'; itemId: string }

/** Where an edit puts its items: between two ranks, right after a visible item (null = at the top). */
export interface Place extends Gap {
  after: string | null
  /** The item named is a tombstone by now: the place is where it stood. */
  isAnchorGone: boolean
}

export function readPosition(input: PositionInput | null | undefined): Position {
  if (input == null) return { at: 'end' }
  const chosen: Position[] = []
  if (input.start === true) chosen.push({ at: 'start' })
  if (input.end === true) chosen.push({ at: 'end' })
  if (input.before != null) chosen.push({ at: 'before', itemId: input.before })
  if (input.after != null) chosen.push({ at: 'after', itemId: input.after })
  const [position] = chosen
  if (position === undefined || chosen.length > 1)
    throw new Refusal('BAD_USER_INPUT', 'A position is exactly one of start, end, before and after', [
      'position',
    ])
  if ('itemId' in position && !isIdOf('item', position.itemId)) throw anchorUnknown(position)
  return position
}

/**
 * SQL for a `Place` as JSON, null when the item named was never in this list. Neighbours are looked for among all rows,
 * tombstones too, so that no two rows share a rank; `after` among those one sees, without the ones being moved.
 */
export function placeIn(playlistId: string, position: Position, moving: readonly string[] = []): Prisma.Sql {
  return Prisma.sql`
    (SELECT jsonb_build_object(
        'lower', gap.lower, 'upper', gap.upper, 'isAnchorGone', gap.is_gone,
        'after', (SELECT id FROM playlist_item
                   WHERE playlist_id = ${playlistId} AND removed_at_revision IS NULL AND rank <= gap.lower
                     AND id <> ALL (${moving}::text[])
                   ORDER BY rank DESC LIMIT 1))
       FROM (${gapAt(playlistId, position)}) gap)`
}

function gapAt(playlistId: string, position: Position): Prisma.Sql {
  switch (position.at) {
    case 'start':
      return Prisma.sql`
        SELECT NULL::text AS lower, min(rank) AS upper, false AS is_gone
          FROM playlist_item WHERE playlist_id = ${playlistId}`
    case 'end':
      return Prisma.sql`
        SELECT max(rank) AS lower, NULL::text AS upper, false AS is_gone
          FROM playlist_item WHERE playlist_id = ${playlistId}`
    case 'before':
      return Prisma.sql`
        SELECT (SELECT max(rank) FROM playlist_item WHERE playlist_id = ${playlistId} AND rank < anchor.rank) AS lower,
               anchor.rank AS upper, anchor.removed_at_revision IS NOT NULL AS is_gone
          FROM playlist_item anchor WHERE anchor.id = ${position.itemId} AND anchor.playlist_id = ${playlistId}`
    case 'after':
      return Prisma.sql`
        SELECT anchor.rank AS lower,
               (SELECT min(rank) FROM playlist_item WHERE playlist_id = ${playlistId} AND rank > anchor.rank) AS upper,
               anchor.removed_at_revision IS NOT NULL AS is_gone
          FROM playlist_item anchor WHERE anchor.id = ${position.itemId} AND anchor.playlist_id = ${playlistId}`
  }
}

/** The place that was found, or BAD_USER_INPUT naming the field whose item was never in the list. */
export function requirePlace(place: Place | null, position: Position): Place {
  if (place === null) throw anchorUnknown(position)
  return place
}

function anchorUnknown(position: Position): Refusal {
  return new Refusal('BAD_USER_INPUT', 'This item was never in this playlist', ['position', position.at])
}
