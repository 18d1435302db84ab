import type { SqlExecutor } from '#shared/database.ts'
import { publish } from '#shared/outbox.ts'
import type { AudioAsset } from '../audio/asset.ts'
import { type Score, scoreSchema } from '../audio/score.ts'
import { audioPackaged } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { AudioState } from '../models.ts'

/** Somebody's turn to compose: `attempt` tells this lease from an earlier one that ran out. */
export interface AudioJob {
  playableId: string
  attempt: number
}

export interface AudioRow {
  playableId: string
  state: AudioState
  asset: AudioAsset | null
  failure: string | null
}

export interface AudioJobs {
  /** Takes the next job that nobody has a lease on, or null when there is none. */
  lease(): Promise<AudioJob | null>
  /** What to compose, from the row's own features. Throws when a row has none that make a piece. */
  readScore(playableId: string): Promise<Score>
  /** Keeps the asset and tells the other rooms, in one transaction; false when the lease was lost meanwhile. */
  store(job: AudioJob, asset: AudioAsset): Promise<boolean>
  /** Back to the queue, or FAILED with the reason after the third attempt. */
  fail(job: AudioJob, reason: string): Promise<void>
  /** Back to the queue as if it had not been taken: the composer was stopped, the piece is not to blame. */
  giveBack(job: AudioJob): Promise<void>
  /** Back to the queue although it was READY: its files are not there. */
  repeat(playableIds: readonly string[]): Promise<void>
  /** Back to the queue at once, whatever became of them before: what was in the way may be gone. Leases of the dead end. */
  startAnew(playableIds: readonly string[]): Promise<void>
  find(playableIds: readonly string[]): Promise<AudioRow[]>
}

const ATTEMPTS = 3
const LEASE = '2 minutes'

export function createAudioJobs(db: PrismaClient): AudioJobs {
  return {
    async lease() {
      // A process that ended while it composed leaves a lease that runs out; three of them and the piece is to blame.
      await db.$executeRaw`
        UPDATE playable_audio SET state = 'FAILED', leased_until = NULL, failure = 'The composer ended each time it was tried'
         WHERE state = 'COMPOSING' AND leased_until < clock_timestamp() AND attempts >= ${ATTEMPTS}`
      const rows = await db.$queryRaw<AudioJob[]>`
        UPDATE playable_audio
           SET state = 'COMPOSING', attempts = attempts + 1, leased_until = clock_timestamp() + ${LEASE}::interval
         WHERE playable_id = (
           SELECT playable_id FROM playable_audio
            WHERE (state = 'REQUESTED' AND requested_at <= clock_timestamp())
               OR (state = 'COMPOSING' AND leased_until < clock_timestamp() AND attempts < ${ATTEMPTS})
            ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING playable_id AS "playableId", attempts AS attempt`
      return rows[0] ?? null
    },

    async readScore(playableId) {
      const rows = await db.$queryRaw<object[]>`
        SELECT duration_ms AS "durationMs", tempo, key, mode, energy, valence, danceability, acousticness, instrumentalness
          FROM (SELECT id, duration_ms, tempo, key, mode, energy, valence, danceability, acousticness, instrumentalness
                  FROM track WHERE is_composable
                 UNION ALL
                SELECT id, duration_ms, tempo, key, mode, energy, valence, danceability, acousticness, instrumentalness
                  FROM episode WHERE is_composable) AS playable
         WHERE id = ${playableId}`
      return scoreSchema.parse({ seed: playableId, ...rows[0] })
    },

    store: ({ playableId, attempt }, asset) =>
      db.$transaction(async (tx) => {
        const held = await tx.$queryRaw<object[]>`
          SELECT 1 FROM playable_audio
           WHERE playable_id = ${playableId} AND state = 'COMPOSING' AND attempts = ${attempt} FOR UPDATE`
        if (held.length === 0) return false
        const [row] = await tx.$queryRaw<{ version: bigint }[]>`
          UPDATE playable_audio
             SET state = 'READY', asset = ${JSON.stringify(asset)}::text::jsonb, leased_until = NULL, failure = NULL,
                 version = version + 1
           WHERE playable_id = ${playableId} RETURNING version`
        await publish(tx, [audioPackaged({ playableId, asset, version: Number(row?.version) })])
        return true
      }),

    async fail({ playableId, attempt }, reason) {
      await db.$executeRaw`
        UPDATE playable_audio
           SET state = CASE WHEN attempts < ${ATTEMPTS} THEN 'REQUESTED' ELSE 'FAILED' END,
               leased_until = NULL, failure = ${reason}, requested_at = clock_timestamp() + attempts * interval '200 ms'
         WHERE playable_id = ${playableId} AND state = 'COMPOSING' AND attempts = ${attempt}`
    },

    async giveBack({ playableId, attempt }) {
      await db.$executeRaw`
        UPDATE playable_audio SET state = 'REQUESTED', leased_until = NULL, attempts = attempts - 1
         WHERE playable_id = ${playableId} AND state = 'COMPOSING' AND attempts = ${attempt}`
    },

    async repeat(playableIds) {
      await db.$executeRaw`
        UPDATE playable_audio SET state = 'REQUESTED', asset = NULL, attempts = 0, requested_at = clock_timestamp()
         WHERE playable_id = ANY(${playableIds}::text[]) AND state = 'READY'`
    },

    async startAnew(playableIds) {
      await db.$executeRaw`
        UPDATE playable_audio SET state = 'REQUESTED', attempts = 0, leased_until = NULL, requested_at = clock_timestamp()
         WHERE playable_id = ANY(${playableIds}::text[]) AND state IN ('FAILED', 'COMPOSING')`
    },

    find: (playableIds) => db.$queryRaw<AudioRow[]>`
      SELECT playable_id AS "playableId", state, asset, failure FROM playable_audio
       WHERE playable_id = ANY(${playableIds}::text[])`,
  }
}

/**
 * Puts tracks and episodes in the queue of the composer, those that are composable and not there yet. What has failed rests
 * for ten minutes; a request after that starts anew.
 */
export async function requestAudio(tx: SqlExecutor, playableIds: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO playable_audio (playable_id, state)
    SELECT id, 'REQUESTED'
      FROM (SELECT id FROM track WHERE is_composable AND id = ANY(${playableIds}::text[])
             UNION ALL SELECT id FROM episode WHERE is_composable AND id = ANY(${playableIds}::text[])) AS playable
     ORDER BY id
        ON CONFLICT (playable_id) DO UPDATE
       SET state = 'REQUESTED', attempts = 0, failure = NULL, requested_at = clock_timestamp()
     WHERE playable_audio.state = 'FAILED' AND playable_audio.requested_at < clock_timestamp() - interval '10 minutes'`
}
