import { encodeCursor, readPage, toConnection } from '#shared/connection.ts'
import { AppError, Refusal } from '#shared/errors.ts'
import { nodeTypeOf } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { FollowPage, FollowRow } from '../models.ts'

export interface FollowService {
  /** Whom and what a user follows, the latest first. */
  page(userId: string, args: { first?: number | null; after?: string | null }): Promise<FollowPage>
  /**
   * Follows a user or an artist, or stops; saying it again changes nothing. Returns whether it is followed now.
   * NOT_FOUND for what there is not, BAD_USER_INPUT for oneself.
   */
  set(identity: Identity, subjectId: string, isFollowed: boolean): Promise<boolean>
}

export function createFollowService(db: PrismaClient): FollowService {
  const exists = async (id: string): Promise<boolean> => {
    const type = nodeTypeOf(id)
    if (type === 'User') return (await db.account.count({ where: { id } })) > 0
    return type === 'Artist' && (await db.artist.count({ where: { id } })) > 0
  }

  return {
    async page(userId, args) {
      const page = readPage(args)
      const [rows, totalCount] = await Promise.all([
        db.follow.findMany({
          where: { userId, ...(page.after !== null && { seq: { lt: readSeq(page.after) } }) },
          orderBy: { seq: 'desc' },
          take: page.first + 1,
          select: { seq: true, subjectId: true },
        }),
        db.follow.count({ where: { userId } }),
      ])
      return { ...toConnection<FollowRow>(rows, page, ({ seq }) => encodeCursor(`${seq}`)), totalCount }
    },

    async set(identity, subjectId, isFollowed) {
      const { userId } = requireUser(identity)
      if (subjectId === userId) throw new Refusal('BAD_USER_INPUT', 'Nobody can follow themselves', ['id'])
      if (!(await exists(subjectId)))
        throw new Refusal('NOT_FOUND', 'There is no such user or artist', ['id'])
      const origin = `FOLLOWED:${subjectId}`
      if (!isFollowed)
        await db.$executeRaw`
          WITH gone AS (DELETE FROM follow WHERE user_id = ${userId} AND subject_id = ${subjectId})
          DELETE FROM activity WHERE actor_id = ${userId} AND origin = ${origin}`
      else if (await exists(userId))
        await db.$executeRaw`
          WITH followed AS (
            INSERT INTO follow (user_id, subject_id) VALUES (${userId}, ${subjectId}) ON CONFLICT DO NOTHING RETURNING at
          )
          INSERT INTO activity (actor_id, at, verb, subject_id, origin)
          SELECT ${userId}, at, 'FOLLOWED', ${subjectId}, ${origin} FROM followed
              ON CONFLICT (actor_id, origin) DO UPDATE SET at = excluded.at`
      else throw new AppError('UNAUTHENTICATED', 'This account is gone')
      return isFollowed
    },
  }
}

function readSeq([seq = '']: readonly string[]): bigint {
  if (!/^\d{1,18}$/.test(seq)) throw new AppError('BAD_USER_INPUT', 'This cursor was not made by us')
  return BigInt(seq)
}
