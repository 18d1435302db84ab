import { Refusal } from '#shared/errors.ts'
import type { Prisma } from '../generated/prisma/client.ts'
import type { PlaylistRow } from '../models.ts'
import { playlistColumns } from './playlist-row.ts'

/**
 * The list's row, locked until the transaction ends, or null when there is none (any more). Always the first statement of
 * a transaction, or the events of the list do not come in the order of its revisions.
 */
export async function lockPlaylist(
  tx: Prisma.TransactionClient,
  playlistId: string,
): Promise<PlaylistRow | null> {
  const [row] = await tx.$queryRaw<PlaylistRow[]>`
    SELECT ${playlistColumns} FROM playlist WHERE id = ${playlistId} AND deleted_at IS NULL FOR UPDATE`
  return row ?? null
}

/** How long a transaction waits for a connection, and how long it may take. */
export const PATIENCE = { maxWait: 10_000, timeout: 15_000 }

export function playlistMissing(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such playlist', ['playlistId'])
}
