import { encodeCursor, readPage, toConnection } from '#shared/connection.ts'
import { AppError } from '#shared/errors.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { ActivityPage, ActivityRow } from '../models.ts'

/** For how long followers see what somebody did; older rows are cleared away. */
export const FEED_DAYS = 90

export interface Feed {
  /** What those whom this user follows did, the latest first, as far as it may be seen at this moment. */
  page(userId: string, args: { first?: number | null; after?: string | null }): Promise<ActivityPage>
}

/**
 * Fan-out on read: of each actor the newest rows that may be seen, from one range of an index, and of those the newest of all. Nobody's
 * feed is written anywhere, so that what is hidden is hidden at once.
 */
export function createFeed(db: PrismaClient): Feed {
  return {
    async page(userId, args) {
      const page = readPage(args)
      const after = page.after === null ? null : readPosition(page.after)
      const rows = await db.$queryRaw<ActivityRow[]>`
        SELECT activity.* FROM follow JOIN account actor ON actor.id = follow.subject_id
         CROSS JOIN LATERAL (
               SELECT seq, actor_id AS "actorId", at, verb, subject_id AS "subjectId" FROM activity deed
                WHERE actor_id = actor.id AND at > clock_timestamp() - ${FEED_DAYS} * interval '1 day'
                  AND (${after === null} OR (at, seq) < (${after?.at ?? null}::timestamptz, ${after?.seq ?? null}::bigint))
                  AND CASE verb
                      WHEN 'PLAYED' THEN actor.shares_plays AND NOT EXISTS (
                        SELECT FROM activity again
                         WHERE again.actor_id = deed.actor_id AND again.subject_id = deed.subject_id AND again.verb = 'PLAYED'
                           AND (again.at, again.seq) > (deed.at, deed.seq) AND again.at <= deed.at + interval '1 hour')
                      WHEN 'FOLLOWED' THEN true
                      ELSE EXISTS (SELECT FROM playlist WHERE id = deed.subject_id AND is_public) END
                ORDER BY at DESC, seq DESC LIMIT ${page.first + 1}) AS activity
         WHERE follow.user_id = ${userId}
         ORDER BY activity.at DESC, activity.seq DESC LIMIT ${page.first + 1}`
      return toConnection(rows, page, ({ at, seq }) => encodeCursor(at.toISOString(), `${seq}`))
    },
  }
}

function readPosition([at = '', seq = '']: readonly string[]): { at: Date; seq: bigint } {
  const instant = new Date(at)
  if (Number.isNaN(instant.getTime()) || !/^\d{1,18}$/.test(seq))
    throw new AppError('BAD_USER_INPUT', 'This cursor was not made by us')
  return { at: instant, seq: BigInt(seq) }
}
