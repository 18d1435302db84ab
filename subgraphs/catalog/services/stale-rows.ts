import type { z } from 'zod'
import type { SqlExecutor } from '#shared/database.ts'
import { publish } from '#shared/outbox.ts'
import { ROWS_CHANGED, type rowsChanged } from '../events.ts'
import type { Prisma } from '../generated/prisma/client.ts'

type Tx = Prisma.TransactionClient

/** As many ids as one event names. */
const MOST_IDS = 2_000

/** Tells every process of this room, and the door, what is not as it was; with null, that it may be any. In the transaction that changed it. */
export async function announceStale(tx: SqlExecutor, ids: readonly string[] | null): Promise<void> {
  const parts =
    ids === null
      ? [null]
      : Array.from({ length: Math.ceil(ids.length / MOST_IDS) }, (_, part) =>
          ids.slice(part * MOST_IDS, (part + 1) * MOST_IDS),
        )
  const events = parts.map((ids): { ids: z.infer<typeof rowsChanged>['ids'] } => ({ ids }))
  await publish(
    tx,
    events.map((payload) => ({ topic: ROWS_CHANGED, key: 'catalog', payload })),
  )
}

/** Who lists albums and genres that have another name or date now: their artists. */
export async function findHolders(
  tx: Tx,
  changed: { albumIds: readonly string[]; genreIds: readonly string[] },
): Promise<string[]> {
  const { albumIds, genreIds } = changed
  if (albumIds.length + genreIds.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT artist_id AS id FROM album_artist WHERE album_id = ANY(${albumIds}::text[])
     UNION SELECT artist_id FROM artist_genre WHERE genre_id = ANY(${genreIds}::text[])`
  return rows.map(({ id }) => id)
}
