import type { OutboxEvent } from '#shared/outbox.ts'
import { playlistChanged } from '../events.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Details, EditKind, PlaylistRow, StoredOp } from '../models.ts'

/** What an edit does to a list beside turning its revision. */
export interface Change {
  kind: EditKind
  ops: readonly StoredOp[]
  /** The statement that changes the items; left out when none change. */
  items?: Prisma.Sql
  itemCountBy?: number
  details?: Details
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
 * is (null when deleted), and the event to be published. Details stand in every row of the log, so that a message about a
 * revision needs no other row.
 */
export async function record(
  tx: Prisma.TransactionClient,
  before: PlaylistRow,
  change: Change,
  { actorId, at, nonce, memory }: Circumstances,
): Promise<{ playlist: PlaylistRow | null; event: OutboxEvent }> {
  const playlist = {
    ...before,
    ...change.details,
    revision: before.revision + 1,
    itemCount: before.itemCount + (change.itemCountBy ?? 0),
  }
  const { id, revision, itemCount, name, description, visibility, collaborative } = playlist
  const details = JSON.stringify({ name, description, visibility, collaborative })
  const instant = at.toISOString()
  const isDeleted = change.kind === 'DELETE'
  await tx.$executeRaw`
    WITH items AS (${change.items ?? Prisma.sql`SELECT`}),
    answered AS (${memory ?? Prisma.sql`SELECT`}),
    edited AS (
      UPDATE playlist
         SET revision = ${revision}, item_count = ${itemCount}, name = ${name}, description = ${description},
             visibility = ${visibility}, collaborative = ${collaborative},
             deleted_at = ${isDeleted ? instant : null}::text::timestamptz
       WHERE id = ${id}
    )
    INSERT INTO playlist_op (playlist_id, revision, kind, actor_id, at, nonce, ops, details)
    VALUES (${id}, ${revision}, ${change.kind}, ${actorId}, ${instant}::text::timestamptz, ${nonce},
            ${JSON.stringify(change.ops)}::text::jsonb, ${details}::text::jsonb)`
  return { playlist: isDeleted ? null : playlist, event: playlistChanged(playlist, isDeleted) }
}
