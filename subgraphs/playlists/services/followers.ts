import { type Identity, requireUser } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import { playlistFollowed } from '../events.ts'
import type { EditTools } from './edit.ts'
import { PATIENCE, playlistMissing } from './lock.ts'
import { findVisible } from './playlists.ts'

/** Follows a list or stops; counted in the same statement, so that the count is right however many ask at once. Once is said once. */
export async function followPlaylist(
  { db }: EditTools,
  identity: Identity,
  playlistId: string,
  isWanted: boolean,
): Promise<{ playlistId: string }> {
  const { userId } = requireUser(identity)
  const [playlist] = await findVisible(db, userId, [playlistId])
  if (playlist === undefined) throw playlistMissing()
  await db.$transaction(async (tx) => {
    const changed = isWanted
      ? await tx.$executeRaw`
          WITH added AS (
            INSERT INTO follower (playlist_id, user_id) VALUES (${playlistId}, ${userId}) ON CONFLICT DO NOTHING RETURNING 1
          )
          UPDATE playlist SET follower_count = follower_count + 1 WHERE id = ${playlistId} AND EXISTS (SELECT FROM added)`
      : await tx.$executeRaw`
          WITH gone AS (DELETE FROM follower WHERE playlist_id = ${playlistId} AND user_id = ${userId} RETURNING 1)
          UPDATE playlist SET follower_count = follower_count - 1 WHERE id = ${playlistId} AND EXISTS (SELECT FROM gone)`
    if (changed > 0) await publish(tx, [playlistFollowed(playlistId, userId, isWanted)])
  }, PATIENCE)
  return { playlistId }
}
