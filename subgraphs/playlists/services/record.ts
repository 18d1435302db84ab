import { publish } from '#shared/outbox.ts'
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
 * Writes the next revision of a list whose row this transaction holds: items, list, log and event. Details stand in every
 * row of the log, so that a message about a revision needs no other row.
 */
export async function record(
  tx: Prisma.TransactionClient,
  playlist: PlaylistRow,
  change: Change,
  { actorId, at, nonce, memory }: Circumstances,
): Promise<void> {
  const revision = playlist.revision + 1
  const { name, description, visibility, collaborative } = change.details ?? playlist
  const details = JSON.stringify({ name, description, visibility, collaborative })
  const instant = at.toISOString()
  const isDeleted = change.kind === 'DELETE'
  await tx.$executeRaw`
    WITH items AS (${change.items ?? Prisma.sql`SELECT`}),
    answered AS (${memory ?? Prisma.sql`SELECT`}),
    edited AS (
      UPDATE playlist
         SET revision = ${revision}, item_count = item_count + ${change.itemCountBy ?? 0}, name = ${name},
             description = ${description}, visibility = ${visibility}, collaborative = ${collaborative},
             deleted_at = ${isDeleted ? instant : null}::text::timestamptz
       WHERE id = ${playlist.id}
    )
    INSERT INTO playlist_op (playlist_id, revision, kind, actor_id, at, nonce, ops, details)
    VALUES (${playlist.id}, ${revision}, ${change.kind}, ${actorId}, ${instant}::text::timestamptz, ${nonce},
            ${JSON.stringify(change.ops)}::text::jsonb, ${details}::text::jsonb)`
  await publish(tx, [playlistChanged({ ...playlist, ...change.details }, revision, isDeleted)])
}
