import type { SqlExecutor } from '#shared/database.ts'
import { isGone, PROCESS_MARK } from '#shared/process-mark.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Where a recording lies: in a folder of this machine, or in the storage, put there by an artist. */
export type OriginalKind = 'FILE' | 'UPLOAD'

/** Somebody's turn to transcode: `lease` tells it from an earlier one that was lost. */
export interface TranscodeJob {
  id: string
  lease: number
}

export interface TranscodeFailure {
  code: string
  message: string
}

export interface TranscodeJobRow {
  id: string
  state: 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED'
  /** 0 to 1. */
  progress: number
  failure: TranscodeFailure | null
}

/** The queue of recordings of one kind. A table is the queue, so any number of processes work on it. */
export interface TranscodeJobs {
  /** Puts them in the queue, those that are there already once more from the start. */
  queue(tx: SqlExecutor, ids: readonly string[]): Promise<void>
  /** Takes the next one that nobody has a lease on, or null when there is none. */
  lease(): Promise<TranscodeJob | null>
  /** Keeps the lease and says how far it is; false when it was lost. */
  renew(job: TranscodeJob, progress: number): Promise<boolean>
  /** The last word of a job, in the transaction that has its effect; false when the lease was lost, and nothing may be written. */
  finish(tx: SqlExecutor, job: TranscodeJob): Promise<boolean>
  /** FAILED with the reason: at once when it is the recording's fault, else after the third attempt. */
  fail(job: TranscodeJob, failure: TranscodeFailure & { isFinal: boolean }): Promise<void>
  /** Back to the queue as if it had not been taken: the recording is not to blame. */
  giveBack(job: TranscodeJob): Promise<void>
  /** Back to the queue what processes of this machine had that are gone: nobody need wait for their leases to end. */
  takeFromGone(): Promise<void>
  find(ids: readonly string[]): Promise<TranscodeJobRow[]>
}

const ATTEMPTS = 3
/** A recording that ends every process that touches it must not be tried for ever; one that was unlucky must be tried again. */
const LOSSES = 10
const LEASE = '1 minute'

export function createTranscodeJobs(db: PrismaClient, kind: OriginalKind): TranscodeJobs {
  return {
    async queue(tx, ids) {
      await tx.$executeRaw`
        INSERT INTO transcode_job (id, kind) SELECT unnest(${ids}::text[]), ${kind}
            ON CONFLICT (id) DO UPDATE
           SET state = 'QUEUED', progress = 0, attempts = 0, losses = 0, leased_by = NULL, leased_until = NULL,
               lease = transcode_job.lease + 1, failure_code = NULL, failure = NULL, queued_at = clock_timestamp()`
    },

    async lease() {
      await db.$executeRaw`
        UPDATE transcode_job
           SET state = 'FAILED', leased_by = NULL, leased_until = NULL, failure_code = 'LOST', failure = 'Whoever transcoded it ended each time'
         WHERE kind = ${kind} AND state = 'RUNNING' AND leased_until < clock_timestamp() AND losses >= ${LOSSES}`
      const rows = await db.$queryRaw<TranscodeJob[]>`
        UPDATE transcode_job
           SET losses = losses + CASE state WHEN 'RUNNING' THEN 1 ELSE 0 END, state = 'RUNNING', lease = lease + 1, progress = 0,
               leased_by = ${PROCESS_MARK}, leased_until = clock_timestamp() + ${LEASE}::interval
         WHERE id = (SELECT id FROM transcode_job
                      WHERE kind = ${kind} AND queued_at <= clock_timestamp()
                        AND (state = 'QUEUED' OR (state = 'RUNNING' AND leased_until < clock_timestamp()))
                      ORDER BY queued_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, lease`
      return rows[0] ?? null
    },

    async renew({ id, lease }, progress) {
      const renewed = await db.$executeRaw`
        UPDATE transcode_job SET progress = ${progress}, leased_until = clock_timestamp() + ${LEASE}::interval
         WHERE id = ${id} AND state = 'RUNNING' AND lease = ${lease}`
      return renewed === 1
    },

    async finish(tx, { id, lease }) {
      const finished = await tx.$executeRaw`
        UPDATE transcode_job SET state = 'DONE', progress = 1, leased_by = NULL, leased_until = NULL
         WHERE id = ${id} AND state = 'RUNNING' AND lease = ${lease}`
      return finished === 1
    },

    async fail({ id, lease }, { code, message, isFinal }) {
      await db.$executeRaw`
        UPDATE transcode_job
           SET state = CASE WHEN ${isFinal} OR attempts + 1 >= ${ATTEMPTS} THEN 'FAILED' ELSE 'QUEUED' END, attempts = attempts + 1,
               leased_by = NULL, leased_until = NULL, failure_code = ${code}, failure = ${message},
               queued_at = clock_timestamp() + attempts * interval '1 second'
         WHERE id = ${id} AND state = 'RUNNING' AND lease = ${lease}`
    },

    async giveBack({ id, lease }) {
      await db.$executeRaw`
        UPDATE transcode_job SET state = 'QUEUED', leased_by = NULL, leased_until = NULL
         WHERE id = ${id} AND state = 'RUNNING' AND lease = ${lease}`
    },

    async takeFromGone() {
      const rows = await db.$queryRaw<{ mark: string }[]>`
        SELECT DISTINCT leased_by AS mark FROM transcode_job WHERE kind = ${kind} AND state = 'RUNNING'`
      const gone = rows.map(({ mark }) => mark).filter(isGone)
      await db.$executeRaw`
        UPDATE transcode_job SET leased_until = clock_timestamp() - interval '1 second'
         WHERE kind = ${kind} AND state = 'RUNNING' AND leased_by = ANY(${gone}::text[])`
    },

    async find(ids) {
      const rows = await db.$queryRaw<
        (Omit<TranscodeJobRow, 'failure'> & { code: string | null; message: string | null })[]
      >`
        SELECT id, state, progress, failure_code AS code, failure AS message
          FROM transcode_job WHERE kind = ${kind} AND id = ANY(${ids}::text[])`
      return rows.map(({ code, message, ...row }) => ({
        ...row,
        failure: row.state === 'FAILED' ? { code: code ?? '', message: message ?? '' } : null,
      }))
    },
  }
}
