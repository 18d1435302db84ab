import type { SqlExecutor } from '#shared/database.ts'
import { nodeTypeOf } from '#shared/id.ts'
import type { PlayerEvent } from './listening.ts'
import type { OpenPlayback, Progress } from './playback-log.ts'

/** What is left of an episode when it counts as heard. */
const NEARLY_MS = 10_000

/** How far somebody has come in an episode. */
export interface ResumePoint {
  episodeId: string
  positionMs: number
  completed: boolean
}

export interface ReachedPoint extends ResumePoint {
  userId: string
  at: Date
}

/**
 * Where a playback of an episode has come to; none of a track. When that was is counted from when we opened it, by our own
 * clock: those of two devices may be a day apart.
 */
export function resumePointOf(
  {
    userId,
    playableId,
    durationMs,
    startedAt,
  }: Pick<OpenPlayback, 'userId' | 'playableId' | 'durationMs' | 'startedAt'>,
  events: readonly PlayerEvent[],
  { lastKind, positionMs }: Pick<Progress, 'lastKind' | 'positionMs'>,
  receivedAt: number,
): ReachedPoint[] {
  if (nodeTypeOf(playableId) !== 'Episode') return []
  const times = events.map(({ at }) => at)
  const passed = Math.max(...times) - Math.min(...times)
  const completed = lastKind === 'COMPLETE' || durationMs - positionMs <= NEARLY_MS
  const at = new Date(Math.min(receivedAt, startedAt.getTime() + passed))
  return [{ userId, episodeId: playableId, positionMs: Math.min(positionMs, durationMs), completed, at }]
}

export async function readResumePoints(
  db: SqlExecutor,
  userId: string,
  episodeIds: readonly string[],
): Promise<ResumePoint[]> {
  const ours = episodeIds.filter((id) => nodeTypeOf(id) === 'Episode')
  if (ours.length === 0) return []
  return db.$queryRaw<ResumePoint[]>`
    SELECT episode_id AS "episodeId", position_ms AS "positionMs", completed
      FROM resume_point WHERE user_id = ${userId} AND episode_id = ANY (${ours}::text[])`
}

/** Keeps how far these are; what is said late about an earlier moment takes nobody back. */
export async function writeResumePoints(tx: SqlExecutor, points: readonly ReachedPoint[]): Promise<void> {
  if (points.length === 0) return
  await tx.$executeRaw`
    INSERT INTO resume_point (user_id, episode_id, position_ms, completed, at)
    SELECT DISTINCT ON ("userId", "episodeId") "userId", "episodeId", "positionMs", completed, at
      FROM jsonb_to_recordset(${JSON.stringify(points)}::text::jsonb)
           AS said ("userId" text, "episodeId" text, "positionMs" int, completed boolean, at timestamptz)
     ORDER BY "userId", "episodeId", at DESC
    ON CONFLICT (user_id, episode_id) DO UPDATE
      SET (position_ms, completed, at) = (excluded.position_ms, excluded.completed, excluded.at)
    WHERE excluded.at >= resume_point.at`
}
