import { Refusal } from '#shared/errors.ts'
import type { Identity } from '#shared/identity.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Details } from '../models.ts'
import { type Edited, type EditTools, edit } from './edit.ts'
import { beyondHistory, reverse, type Undone } from './reversal.ts'

export interface UndoInput {
  playlistId: string
  revision: number
  nonce?: string | null | undefined
}

interface Found {
  undone: (Undone & { actorId: string }) | null
  /** The details before it. */
  before: Details | null
  /** The revision that took it back already. */
  undoneAt: number | null
}

/**
 * Takes back an edit of one's own, as a new edit of the kind that does so. It touches what that edit touched and nothing
 * else; where somebody has changed the same since, it is refused and nothing is taken back: ITEM_GONE, or CONFLICT.
 */
export async function undoEdit(
  tools: EditTools,
  identity: Identity,
  { playlistId, revision: asked, nonce }: UndoInput,
): Promise<Edited<object>> {
  const revision = Math.max(0, asked) // there is no revision 0 either
  return edit<Found, object>(tools, identity, {
    input: { playlistId, nonce },
    right: 'EDITOR',
    content: ['UNDO', asked],
    find: Prisma.sql`
      (SELECT jsonb_build_object('revision', revision, 'kind', kind, 'actorId', actor_id, 'ops', ops, 'details', details)
         FROM playlist_op WHERE playlist_id = ${playlistId} AND revision = ${revision}::int) AS undone,
      (SELECT details FROM playlist_op WHERE playlist_id = ${playlistId} AND revision = ${revision}::int - 1) AS before,
      (SELECT revision FROM playlist_op WHERE playlist_id = ${playlistId} AND undoes = ${revision}::int) AS "undoneAt"`,

    async decide(tx, playlist, { undone, before, undoneAt, userId }) {
      if (undone === null) throw beyondHistory()
      // Details are the owner's alone to change: who changed them may change them back.
      if (undone.actorId !== userId) throw new Refusal('FORBIDDEN', 'This edit is not your own', ['revision'])
      if (undoneAt !== null)
        throw new Refusal('CONFLICT', `Revision ${undoneAt} has taken it back already`, ['revision'])
      const change = await reverse(tx, playlist, undone, before)
      if (change === null) return { change, answer: { alreadyApplied: true } }
      return { change: { ...change, undoes: revision }, answer: {} }
    },
  })
}
