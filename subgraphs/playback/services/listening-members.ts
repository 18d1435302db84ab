import type { SqlExecutor } from '#shared/database.ts'

/** The player that a user has: the one of the session they listen in, and else their own. */
export async function playerIdOf(db: SqlExecutor, userId: string): Promise<string> {
  const [member] = await db.$queryRaw<{ sessionId: string }[]>`
    SELECT session_id AS "sessionId" FROM listening_member WHERE user_id = ${userId}`
  return member?.sessionId ?? userId
}

/** Everybody who has this player. */
export async function listenersTo(db: SqlExecutor, playerId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ userId: string }[]>`
    SELECT user_id AS "userId" FROM listening_member WHERE session_id = ${playerId} ORDER BY joined_at, user_id`
  return rows.length === 0 ? [playerId] : rows.map(({ userId }) => userId)
}
