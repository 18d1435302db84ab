import type { OutboxEvent } from '#shared/outbox.ts'
import { itemsChanged, playlistChanged } from '../events.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Details, EditKind, PlaylistRow, StoredOp } from '../models.ts'

/** What an edit does to a list beside turning its revision. */
export interface Change {
  kind: EditKind
  ops: readonly StoredOp[]
  /** The statements that change the items; left out when none change. They see the items as they were before any of them. */
  items?: readonly Prisma.Sql[]
  itemCountBy?: number
  details?: Details
  /** The revision that this change takes back. */
  undoes?: number
}

export interface Circumstances {
  actorId: string
  at: Date
  nonce: string | null
  /** The statement that keeps the answer under the nonce. */
  memory?: Prisma.Sql | null
}

/**
 * Writes the next revision of a list whose row this transaction holds: items, list and log; gives back the list as it then
 * is (null when deleted), and the events to be published. Details stand in every row of the log, so that a message about a
 * revision needs no other row.
 */
export async function record(
  tx: Prisma.TransactionClient,
  before: PlaylistRow,
  change: Change,
  { actorId, at, nonce, memory }: Circumstances,
): Promise<{ playlist: PlaylistRow | null; events: OutboxEvent[] }> {
  const playlist = {
    ...before,
    ...change.details,
    revision: before.revision + 1,
    itemCount: before.itemCount + (change.itemCountBy ?? 0),
  }
  const { id, revision, itemCount, name, description, visibility, collaborative, coverId } = playlist
  const details = JSON.stringify({ name, description, visibility, collaborative, coverId })
  const statements = [
    ...(change.items ?? []),
    ...(coverId === before.coverId ? [] : [replacement(before, playlist)]),
  ]
  const instant = at.toISOString()
  const isDeleted = change.kind === 'DELETE'
  await tx.$executeRaw`
    WITH ${steps(statements)}
    answered AS (${memory ?? Prisma.sql`SELECT`}),
    edited AS (
      UPDATE playlist
         SET revision = ${revision}, item_count = ${itemCount}, name = ${name}, description = ${description},
             visibility = ${visibility}, collaborative = ${collaborative}, cover_id = ${coverId},
             deleted_at = ${isDeleted ? instant : null}::text::timestamptz
       WHERE id = ${id}
    )
    INSERT INTO playlist_op (playlist_id, revision, kind, actor_id, at, nonce, undoes, ops, details)
    VALUES (${id}, ${revision}, ${change.kind}, ${actorId}, ${instant}::text::timestamptz, ${nonce},
            ${change.undoes ?? null}::int, ${JSON.stringify(change.ops)}::text::jsonb, ${details}::text::jsonb)`
  const events = [playlistChanged(playlist, isDeleted), ...itemsChanged(id, revision, change.ops)]
  return { playlist: isDeleted ? null : playlist, events }
}

/** Each statement as a part of the one that records. */
function steps(statements: readonly Prisma.Sql[]): Prisma.Sql {
  const parts = statements.map(
    (statement, index) => Prisma.sql`${Prisma.raw(`items_${index}`)} AS (${statement}),`,
  )
  return parts.length === 0 ? Prisma.empty : Prisma.join(parts, ' ')
}

/** A picture that is replaced is kept until the history no longer reaches the edit. */
function replacement(before: PlaylistRow, after: PlaylistRow): Prisma.Sql {
  return Prisma.sql`
    UPDATE cover SET replaced_at_revision = CASE WHEN id = ${after.coverId}::text THEN NULL ELSE ${after.revision}::int END
     WHERE id IN (${before.coverId}::text, ${after.coverId}::text)`
}
