import { sqltag as sql } from '@prisma/client/runtime/client'
import type { SqlExecutor } from '#shared/database.ts'
import type { RoyaltyTerms } from './terms.ts'
import { verdictsOn } from './verdicts.ts'

/**
 * Writes down what is decided of somebody's plays, before nobody knows any more whose they were: in the transaction that erases the person. What
 * it leaves says which plays are billed, and nothing of who heard them.
 */
export async function keepVerdicts(tx: SqlExecutor, userId: string, terms: RoyaltyTerms): Promise<void> {
  const [heard] = await tx.$queryRaw<{ from: Date | null; to: Date | null }[]>`
    SELECT min(started_at) AS from, max(started_at) + INTERVAL '1 millisecond' AS to FROM play WHERE user_id = ${userId}`
  if (heard?.from == null || heard.to === null) return
  const scope = sql`play.user_id = ${userId}`
  await tx.$executeRaw`
    INSERT INTO royalty_kept_verdict (started_at, playback_id, reason)
    SELECT started_at, playback_id, reason
      FROM (${verdictsOn({ terms, from: heard.from, to: heard.to, scope })}) AS verdict
    ON CONFLICT DO NOTHING`
}
