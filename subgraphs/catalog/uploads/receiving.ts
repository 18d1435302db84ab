import type { ObjectStorage } from '#shared/storage/storage.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { UploadRow } from '../models.ts'
import type { TranscodeFailure, TranscodeJobs } from '../services/transcode-jobs.ts'
import { keyOf, UPLOAD, UPLOADS } from './uploads.ts'

/** Sees what becomes of uploads until they are tracks. The table says when each is looked at next. */
export interface Receiving {
  /** Takes the next upload that is due, or null when there is none. */
  lease(): Promise<UploadRow | null>
  /** Takes an upload a step further, or puts off when it is looked at. May be repeated at any point. */
  advance(upload: UploadRow): Promise<void>
}

export interface ReceivingParts {
  db: PrismaClient
  storage: ObjectStorage
  jobs: TranscodeJobs
  /** A file is here: called once its job is in the queue. */
  onReceived(): void
}

const LEASE = '30 seconds'
const SOON_MS = 1_000
const LATER_MS = 5_000
/** Whoever has just asked for an address sends the file soon; of the others some never do. */
const EAGER_MS = 5 * 60_000
/** A PUT that began in time may end after it. */
const GRACE_MS = 15 * 60_000

export function createReceiving({ db, storage, jobs, onReceived }: ReceivingParts): Receiving {
  async function receive(upload: UploadRow): Promise<void> {
    const { id, sizeBytes, createdAt, expiresAt } = upload
    const object = await storage.find(keyOf(id))
    if (object?.bytes === sizeBytes) return queue(id)
    if (object !== null)
      return fail(id, {
        code: 'SIZE',
        message: `It has ${object.bytes} bytes, and ${sizeBytes} were announced`,
      })
    if (Date.now() > expiresAt.getTime() + GRACE_MS)
      return fail(id, { code: 'EXPIRED', message: 'No file came while its address was open' })
    return lookAgain(id, Date.now() - createdAt.getTime() < EAGER_MS ? SOON_MS : LATER_MS)
  }

  async function queue(id: string): Promise<void> {
    await db.$transaction(async (tx) => {
      const received = await tx.$executeRaw`
        UPDATE upload SET state = 'RECEIVED', look_at = clock_timestamp() WHERE id = ${id} AND state = 'WAITING'`
      if (received === 1) await jobs.queue(tx, [id])
    })
    onReceived()
  }

  async function fail(id: string, { code, message }: TranscodeFailure): Promise<void> {
    await db.$executeRaw`
      UPDATE upload SET state = 'FAILED', failure_code = ${code}, failure_message = ${message}
       WHERE id = ${id} AND state IN ('WAITING', 'RECEIVED')`
    await storage.delete([keyOf(id)])
  }

  async function lookAgain(id: string, ms: number): Promise<void> {
    await db.$executeRaw`UPDATE upload SET look_at = clock_timestamp() + ${ms} * interval '1 ms' WHERE id = ${id}`
  }

  return {
    async lease() {
      const rows = await db.$queryRaw<UploadRow[]>`
        WITH due AS (
          UPDATE upload SET look_at = clock_timestamp() + ${LEASE}::interval
           WHERE id = (SELECT id FROM upload WHERE state IN ('WAITING', 'RECEIVED') AND look_at <= clock_timestamp()
                        ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED)
          RETURNING id)
        SELECT ${UPLOAD} FROM ${UPLOADS} JOIN due ON due.id = upload.id`
      return rows[0] ?? null
    },

    async advance(upload) {
      const { id, state, failureCode, failureMessage } = upload
      if (state === 'WAITING') return receive(upload)
      if (state === 'FAILED') return fail(id, { code: failureCode ?? '', message: failureMessage ?? '' })
      return lookAgain(id, SOON_MS)
    },
  }
}
