import { Refusal } from '#shared/errors.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { DetailField, Details, PlaylistRow } from '../models.ts'
import { detailConflict, FIELDS } from './details.ts'
import type { EditRow } from './edit-row.ts'
import { MAX_ITEMS } from './ids.ts'
import type { Change } from './record.ts'
import { removal } from './remove-items.ts'
import { runsOf, withNeighbours } from './runs.ts'

/** An edit that is to be taken back. */
export type Undone = Pick<EditRow, 'revision' | 'kind' | 'ops' | 'details'>

/** The change that takes an edit back from the list as it now is; null when nothing is left of it. Refuses, or writes nothing. */
export async function reverse(
  tx: Prisma.TransactionClient,
  playlist: PlaylistRow,
  { revision, kind, ops, details }: Undone,
  before: Details | null,
): Promise<Change | null> {
  switch (kind) {
    case 'ADD': {
      const added = ops.flatMap((op) => (op.kind === 'ItemsAdded' ? op.items : []))
      return takeOut(
        tx,
        playlist,
        added.map((item) => item.id),
      )
    }
    case 'REMOVE':
      return putBack(tx, playlist, revision)
    case 'MOVE':
      return moveBack(tx, playlist, revision)
    case 'UPDATE': {
      const fields = ops.flatMap((op) => (op.kind === 'DetailsChanged' ? op.fields : []))
      const change = changeBack(playlist, fields, before, details)
      await requireCover(tx, change.details?.coverId)
      return change
    }
    case 'CREATE':
    case 'DELETE':
      throw new Refusal('BAD_USER_INPUT', 'What makes a playlist, or ends it, is not taken back', [
        'revision',
      ])
  }
}

/** Undoing an addition: those that are still there go, wherever they have been moved to. */
async function takeOut(
  tx: Prisma.TransactionClient,
  { id, revision }: PlaylistRow,
  itemIds: readonly string[],
): Promise<Change | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM playlist_item
     WHERE playlist_id = ${id} AND removed_at_revision IS NULL AND id = ANY (${itemIds}::text[]) ORDER BY rank`
  const present = rows.map((row) => row.id)
  if (present.length === 0) return null
  return {
    kind: 'REMOVE',
    ops: [{ kind: 'ItemsRemoved', itemIds: present }],
    itemCountBy: -present.length,
    items: [removal(present, revision + 1)],
  }
}

/** Undoing a removal: the same items, where they stood, with the time and the person they had. */
async function putBack(
  tx: Prisma.TransactionClient,
  { id, itemCount }: PlaylistRow,
  revision: number,
): Promise<Change> {
  const items = await tx.$queryRaw<
    { id: string; trackId: string; rank: string; addedAt: Date; addedBy: string }[]
  >`
    SELECT id, track_id AS "trackId", rank, added_at AS "addedAt", added_by AS "addedBy" FROM playlist_item
     WHERE playlist_id = ${id} AND removed_at_revision = ${revision} AND left_by IS NULL ORDER BY rank`
  if (items.length === 0) throw beyondHistory()
  if (itemCount + items.length > MAX_ITEMS)
    throw new Refusal('LIMIT_REACHED', `A playlist has at most ${MAX_ITEMS} items`, ['revision'])
  const itemIds = items.map((item) => item.id)
  const runs = runsOf(await withNeighbours(tx, id, items, []))
  return {
    kind: 'ADD',
    ops: runs.map(({ items: run, after }) => ({
      kind: 'ItemsAdded',
      items: run.map(({ id, trackId, addedAt, addedBy }) => ({
        id,
        trackId,
        addedAt: addedAt.toISOString(),
        addedBy,
      })),
      after,
    })),
    itemCountBy: items.length,
    items: [
      Prisma.sql`UPDATE playlist_item SET removed_at_revision = NULL WHERE id = ANY (${itemIds}::text[])`,
    ],
  }
}

interface Left {
  id: string
  rank: string
  removedAt: number | null
  /** The item stands where the move has put it. */
  isThere: boolean
}

/** Undoing a move: each item changes places with the place it left. All or none, as a move. */
async function moveBack(
  tx: Prisma.TransactionClient,
  { id, revision: current }: PlaylistRow,
  revision: number,
): Promise<Change> {
  const places = await tx.$queryRaw<Left[]>`
    SELECT item.id, place.rank, item.removed_at_revision AS "removedAt", item.placed_at = place.left_for AS "isThere"
      FROM playlist_item place JOIN playlist_item item ON item.id = place.left_by
     WHERE place.playlist_id = ${id} AND place.removed_at_revision = ${revision} AND place.left_by IS NOT NULL
     ORDER BY place.rank`
  if (places.length === 0) throw beyondHistory()
  const gone = places.find((place) => place.removedAt !== null)
  if (gone !== undefined)
    throw new Refusal('ITEM_GONE', `${gone.id} was removed at revision ${gone.removedAt}`, ['revision'])
  const elsewhere = places.find((place) => !place.isThere)
  if (elsewhere !== undefined)
    throw new Refusal('CONFLICT', `${elsewhere.id} has been moved on since`, ['revision'])
  const itemIds = places.map((place) => place.id)
  const runs = runsOf(await withNeighbours(tx, id, places, itemIds))
  return {
    kind: 'MOVE',
    ops: runs.map(({ items, after }) => ({
      kind: 'ItemsMoved',
      itemIds: items.map((item) => item.id),
      after,
    })),
    items: [exchange(id, revision, current + 1)],
  }
}

/** Items and the places they left at `revision` change ranks; what was left now is left at `next`. */
function exchange(playlistId: string, revision: number, next: number): Prisma.Sql {
  return Prisma.sql`
    UPDATE playlist_item item
       SET rank = other.rank, placed_at = other.placed_at,
           removed_at_revision = CASE WHEN item.left_by IS NULL THEN NULL ELSE ${next}::int END,
           left_for = CASE WHEN item.left_by IS NULL THEN NULL ELSE item.placed_at END
      FROM playlist_item place JOIN playlist_item moved ON moved.id = place.left_by,
           LATERAL (VALUES (moved.id, place.rank, place.placed_at), (place.id, moved.rank, moved.placed_at))
             AS other(id, rank, placed_at)
     WHERE place.playlist_id = ${playlistId} AND place.removed_at_revision = ${revision} AND item.id = other.id`
}

/** Undoing a change of details: the values of before, unless somebody has changed one of them since. */
function changeBack(
  playlist: PlaylistRow,
  fields: readonly DetailField[],
  before: Details | null,
  then: Details,
): Change {
  if (before === null) throw beyondHistory()
  const keys = FIELDS.filter(([field]) => fields.includes(field)).map(([, key]) => key)
  // A revision of before there were covers says nothing of one.
  const [was, became] = [before, then].map((details) => ({
    ...details,
    coverId: details.coverId ?? null,
  })) as [Details, Details]
  for (const key of keys) if (playlist[key] !== became[key]) throw detailConflict(key, was, playlist)
  const details = { ...playlist, ...Object.fromEntries(keys.map((key) => [key, was[key]])) }
  return { kind: 'UPDATE', ops: [{ kind: 'DetailsChanged', fields: [...fields] }], details }
}

/** Pictures that were replaced are kept for a while only. */
async function requireCover(tx: Prisma.TransactionClient, id: string | null | undefined): Promise<void> {
  if (id != null && (await tx.cover.count({ where: { id } })) === 0) throw beyondHistory()
}

/** Nothing is known of this revision: it never was, or history no longer reaches it. */
export function beyondHistory(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such revision to take back', ['revision'])
}
