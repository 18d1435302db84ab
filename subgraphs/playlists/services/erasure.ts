import type { SqlExecutor } from '#shared/database.ts'
import { publish } from '#shared/outbox.ts'
import { ERASED_USER } from '#shared/privacy/erased.ts'
import { playlistChanged } from '../events.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Details } from '../models.ts'

/** What is left of a list whose owner was erased: that it was there, and is deleted. */
const EMPTY: Details = {
  name: 'Erased',
  description: null,
  visibility: 'PRIVATE',
  collaborative: false,
  coverId: null,
}

/** The person's lists, deleted ones too: what was said of them goes with them. */
export async function ownLists(db: Prisma.TransactionClient, userId: string): Promise<string[]> {
  const lists = await db.playlist.findMany({ where: { ownerId: userId }, select: { id: true } })
  return lists.map(({ id }) => id)
}

/**
 * Drops a person: their lists end; in the lists of others nobody did what they did. Returns the lists
 * that look different now.
 */
export async function erase(tx: Prisma.TransactionClient, userId: string): Promise<string[]> {
  const lists = await lockLists(tx, userId)
  const own = lists.filter(({ isOwn }) => isOwn).map(({ id }) => id)
  const others = lists.filter(({ isOwn }) => !isOwn).map(({ id }) => id)
  await endLists(tx, own)
  await leaveLists(tx, userId, others)
  await tx.filedPlaylist.deleteMany({ where: { userId } })
  await tx.folder.deleteMany({ where: { ownerId: userId } })
  await tx.saved.deleteMany({ where: { userId } })
  await tx.library.deleteMany({ where: { userId } })
  await tx.coverTicket.deleteMany({ where: { userId } })
  return lists.map(({ id }) => id)
}

/** All that the person owns, has worked on or follows, in the order of ids, so that no two erasures wait for each other. */
function lockLists(tx: Prisma.TransactionClient, userId: string): Promise<{ id: string; isOwn: boolean }[]> {
  return tx.$queryRaw`
    SELECT id, owner_id = ${userId} AS "isOwn" FROM playlist
     WHERE id IN (SELECT id FROM playlist WHERE owner_id = ${userId} AND deleted_at IS NULL
                   UNION SELECT id FROM playlist WHERE owner_id = ${userId} AND deleted_at IS NOT NULL
                   UNION SELECT playlist_id FROM contributor WHERE user_id = ${userId}
                   UNION SELECT playlist_id FROM follower WHERE user_id = ${userId})
     ORDER BY id FOR UPDATE`
}

const ROWS_OF_LISTS = [
  'playlist_item',
  'playlist_op',
  'playlist_answer',
  'collaborator',
  'contributor',
  'invite',
  'follower',
  'filed_playlist',
  'cover',
  'cover_ticket',
] as const

async function endLists(tx: Prisma.TransactionClient, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  for (const table of ROWS_OF_LISTS)
    await tx.$executeRaw`DELETE FROM ${Prisma.raw(table)} WHERE playlist_id = ANY (${ids}::text[])`
  const ended = await tx.$queryRaw<{ id: string; revision: number }[]>`
    UPDATE playlist
       SET owner_id = ${ERASED_USER}, name = ${EMPTY.name}, description = NULL, visibility = 'PRIVATE', collaborative = false,
           item_count = 0, follower_count = 0, cover_id = NULL, request_hash = NULL, revision = revision + 1,
           deleted_at = coalesce(deleted_at, clock_timestamp())
     WHERE id = ANY (${ids}::text[]) RETURNING id, revision`
  // Whoever follows such a list hears that it is deleted, in this room and in the others.
  await tx.playlistOp.createMany({
    data: ended.map(({ id, revision }) => ({
      playlistId: id,
      revision,
      kind: 'DELETE',
      actorId: ERASED_USER,
      at: new Date(),
      ops: [],
      details: { ...EMPTY },
    })),
  })
  await publish(
    tx,
    ended.map((list) => playlistChanged({ ...EMPTY, ...list, ownerId: ERASED_USER }, true)),
  )
}

async function leaveLists(tx: SqlExecutor, userId: string, ids: readonly string[]): Promise<void> {
  const [person, nobody] = [`"${userId}"`, `"${ERASED_USER}"`]
  await tx.$executeRaw`
    UPDATE playlist_item SET added_by = ${ERASED_USER} WHERE playlist_id = ANY (${ids}::text[]) AND added_by = ${userId}`
  await tx.$executeRaw`
    UPDATE playlist_op SET actor_id = ${ERASED_USER}, nonce = NULL
     WHERE playlist_id = ANY (${ids}::text[]) AND actor_id = ${userId}`
  await tx.$executeRaw`
    UPDATE playlist_op SET ops = replace(ops::text, ${person}, ${nobody})::jsonb
     WHERE playlist_id = ANY (${ids}::text[]) AND strpos(ops::text, ${person}) > 0`
  await tx.$executeRaw`
    DELETE FROM playlist_answer WHERE playlist_id = ANY (${ids}::text[]) AND actor_id = ${userId}`
  await tx.$executeRaw`
    UPDATE playlist_answer SET answer = replace(answer::text, ${person}, ${nobody})::jsonb
     WHERE playlist_id = ANY (${ids}::text[]) AND strpos(answer::text, ${person}) > 0`
  await tx.$executeRaw`
    WITH gone AS (DELETE FROM follower WHERE user_id = ${userId} RETURNING playlist_id)
    UPDATE playlist SET follower_count = follower_count - 1 FROM gone WHERE id = playlist_id`
  await tx.$executeRaw`DELETE FROM collaborator WHERE user_id = ${userId}`
  await tx.$executeRaw`DELETE FROM contributor WHERE user_id = ${userId}`
}
