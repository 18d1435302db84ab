import { Prisma } from '../generated/prisma/client.ts'
import type { Edit, Op, StoredOp } from '../models.ts'

/** A row of the log as it is stored. */
export interface EditRow extends Omit<Edit, 'ops'> {
  ops: StoredOp[]
}

/** The columns of an `EditRow`. */
export const editColumns = Prisma.sql`
  op.revision, op.kind, op.at, op.actor_id AS "actorId", op.nonce, op.undoes, op.ops, op.details`

/** How many items an edit names. */
export function countItems({ ops }: { ops: readonly (Op | StoredOp)[] }): number {
  return ops.reduce((sum, op) => {
    if ('items' in op) return sum + op.items.length
    return 'itemIds' in op ? sum + op.itemIds.length : sum
  }, 0)
}

/** With the items in full: what an op does not say of them is as the edit was. */
export function toEdit(playlistId: string, row: EditRow): Edit {
  const { at, actorId } = row
  const toOp = (op: StoredOp): Op => {
    if (op.kind !== 'ItemsAdded') return op
    return { ...op, items: op.items.map((item) => ({ addedAt: at, addedBy: actorId, ...item, playlistId })) }
  }
  return { ...row, ops: row.ops.map(toOp) }
}
