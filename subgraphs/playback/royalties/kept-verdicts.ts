import { sqltag as sql } from '@prisma/client/runtime/client'
import type { SqlExecutor } from '#shared/database.ts'
import type { RoyaltyTerms } from './terms.ts'
import { verdictsOn } from './verdicts.ts'

/**
 * Writes down what is decided of somebody's plays, before nobody knows any more whose they were: in the transaction that erases the person. What
 * it leaves says which plays are billed, and nothing of who heard them.
 */
export async function keepVerdicts(tx: SqlExecutor, userId: string, terms: RoyaltyTerms): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO royalty_kept_verdict (started_at, playback_id, reason)
    SELECT DISTINCT ON (play.started_at, play.playback_id) play.started_at, play.playback_id, verdict.reason
      FROM play
      JOIN royalty_statement statement ON statement.month = date_trunc('month', play.started_at AT TIME ZONE 'UTC')::date
      JOIN royalty_verdict verdict ON verdict.month = statement.month AND verdict.correction = statement.correction
           AND verdict.recording_id = play.playable_id AND verdict.started_at = play.started_at AND verdict.playback_id = play.playback_id AND verdict.heard_ms = play.heard_ms
     WHERE user_id = ${userId} ORDER BY play.started_at, play.playback_id, statement.correction DESC
    ON CONFLICT DO NOTHING`
  // What no statement speaks of: months that are open, and what came late.
  const [rest] = await tx.$queryRaw<{ from: Date | null; to: Date | null }[]>`
    SELECT min(started_at) AS from, max(started_at) + INTERVAL '1 millisecond' AS to FROM play
     WHERE user_id = ${userId}
       AND NOT EXISTS (SELECT FROM royalty_kept_verdict kept
                        WHERE kept.started_at = play.started_at AND kept.playback_id = play.playback_id)`
  if (rest?.from == null || rest.to === null) return
  const scope = sql`play.user_id = ${userId}`
  await tx.$executeRaw`
    INSERT INTO royalty_kept_verdict (started_at, playback_id, reason)
    SELECT started_at, playback_id, reason
      FROM (${verdictsOn({ terms, from: rest.from, to: rest.to, scope })}) AS verdict
    ON CONFLICT DO NOTHING`
}
