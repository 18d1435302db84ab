import { isIdOf } from '#shared/id.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { CollaboratorRow, SeenPlaylist } from '../models.ts'
import { canSee } from './access.ts'
import { playlistColumns } from './playlist-row.ts'

/** The lists of `ids` that this person may see: every way to a list leads through here. */
export async function findVisible(
  db: Prisma.TransactionClient,
  userId: string | null,
  ids: readonly string[],
): Promise<SeenPlaylist[]> {
  const rows = await db.$queryRaw<SeenPlaylist[]>`
    SELECT ${playlistColumns}, member.role AS "memberRole"
      FROM playlist LEFT JOIN collaborator member ON member.playlist_id = playlist.id AND member.user_id = ${userId}::text
     WHERE playlist.id = ANY (${ids.filter((id) => isIdOf('playlist', id))}::text[]) AND deleted_at IS NULL`
  return rows.filter((row) => canSee(row, userId, row.memberRole))
}

/** Everybody who joined, in the order they did. */
export function findCollaborators(
  db: PrismaClient,
  playlistIds: readonly string[],
): Promise<CollaboratorRow[]> {
  return db.$queryRaw<CollaboratorRow[]>`
    SELECT playlist_id AS "playlistId", user_id AS "userId", role FROM collaborator
     WHERE playlist_id = ANY (${playlistIds}::text[]) ORDER BY playlist_id, joined_at, user_id`
}

/** Which of these lists a person follows. */
export function findFollowed(
  db: PrismaClient,
  userId: string,
  playlistIds: readonly string[],
): Promise<{ playlistId: string }[]> {
  return db.$queryRaw<{ playlistId: string }[]>`
    SELECT playlist_id AS "playlistId" FROM follower
     WHERE user_id = ${userId} AND playlist_id = ANY (${playlistIds}::text[])`
}

/** How long each list's tracks play together, as far as their lengths have reached this room. */
export function sumDurations(
  db: PrismaClient,
  playlistIds: readonly string[],
): Promise<{ playlistId: string; durationMs: bigint }[]> {
  return db.$queryRaw<{ playlistId: string; durationMs: bigint }[]>`
    SELECT playlist_id AS "playlistId", sum(duration_ms)::bigint AS "durationMs"
      FROM playlist_item JOIN track ON track.id = track_id
     WHERE playlist_id = ANY (${playlistIds}::text[]) AND removed_at_revision IS NULL GROUP BY playlist_id`
}
