import { type Connection, encodeCursor, type Page, toConnection } from '#shared/connection.ts'
import { Refusal } from '#shared/errors.ts'
import { isIdOf } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { isPlainText } from '#shared/text.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { TakedownRow } from '../models.ts'
import { announce } from './announcements.ts'
import { indexChanges } from './search/documents.ts'
import { announceStale } from './stale-rows.ts'
import { findListers, lockCatalogue, settleTakedowns } from './takedown-effects.ts'

type Tx = Prisma.TransactionClient

/** What those in charge take out of the catalogue, and bring back. For ADMIN alone; refusals are thrown. Both may be repeated, and return the id. */
export interface Takedowns {
  takeDown(identity: Identity, input: { id: string; reason: string }): Promise<string>
  restore(identity: Identity, input: { id: string }): Promise<string>
  /** The newest first; with `isStanding` only those that stand, or only those that do not. Null for who is not in charge. */
  list(identity: Identity, page: Page, isStanding: boolean | null): Promise<Connection<TakedownRow> | null>
}

const MOST_CHARACTERS = 500

export function createTakedowns(db: PrismaClient): Takedowns {
  /** What `change` does to the take-downs, with all that follows from it, in one transaction. */
  async function settle(id: string, change: (tx: Tx) => Promise<unknown>): Promise<string> {
    await db.$transaction(
      async (tx) => {
        await lockCatalogue(tx)
        if (!(await exists(tx, id)))
          throw new Refusal('NOT_FOUND', 'There is no such track, album, show or episode', ['id'])
        await change(tx)
        const settled = await settleTakedowns(tx, {
          trackIds: [id],
          albumIds: [id],
          showIds: [id],
          episodeIds: [id],
        })
        await indexChanges(tx, { ...settled, artistIds: [] })
        await announce(tx, { ...settled, artistIds: [] })
        const all = Object.values(settled).flat()
        await announceStale(tx, [...new Set([...all, ...(await findListers(tx, settled))])])
      },
      { timeout: 30_000, maxWait: 10_000 },
    )
    return id
  }

  return {
    async takeDown(identity, { id, reason }) {
      const by = requireAdmin(identity)
      const why = readReason(reason)
      return settle(
        id,
        (tx) => tx.$executeRaw`
          INSERT INTO takedown (node_id, reason, taken_by) VALUES (${id}, ${why}, ${by})
              ON CONFLICT (node_id) WHERE restored_at IS NULL DO NOTHING`,
      )
    },
    async restore(identity, { id }) {
      const by = requireAdmin(identity)
      return settle(
        id,
        (tx) => tx.$executeRaw`
          UPDATE takedown SET restored_by = ${by}, restored_at = clock_timestamp() WHERE node_id = ${id} AND restored_at IS NULL`,
      )
    },
    async list({ role }, page, isStanding) {
      if (role !== 'ADMIN') return null
      const [before = null] = page.after ?? []
      const rows = await db.$queryRaw<TakedownRow[]>`
        SELECT id::text, node_id AS "nodeId", reason, taken_by AS "takenBy", taken_at AS "takenAt", restored_by AS "restoredBy",
               restored_at AS "restoredAt"
          FROM takedown
         WHERE (${before}::bigint IS NULL OR id < ${before}::bigint)
           AND (${isStanding}::boolean IS NULL OR (restored_at IS NULL) = ${isStanding})
         ORDER BY id DESC LIMIT ${page.first + 1}`
      return toConnection(rows, page, ({ id }) => encodeCursor(id))
    },
  }
}

function requireAdmin(identity: Identity): string {
  const { role, userId } = requireUser(identity)
  if (role !== 'ADMIN')
    throw new Refusal('FORBIDDEN', 'Only an administrator may take something down or bring it back')
  return userId
}

function readReason(reason: string): string {
  const text = reason.trim()
  const length = [...text].length
  if (length < 1 || length > MOST_CHARACTERS || !isPlainText(text))
    throw new Refusal('BAD_USER_INPUT', `A reason has 1 to ${MOST_CHARACTERS} characters`, ['reason'])
  return text
}

async function exists(tx: Tx, id: string): Promise<boolean> {
  if (!(['track', 'album', 'show', 'episode'] as const).some((prefix) => isIdOf(prefix, id))) return false
  const rows = await tx.$queryRaw<object[]>`
    SELECT 1 FROM track WHERE id = ${id} UNION ALL SELECT 1 FROM album WHERE id = ${id}
     UNION ALL SELECT 1 FROM show WHERE id = ${id} UNION ALL SELECT 1 FROM episode WHERE id = ${id}`
  return rows.length > 0
}
