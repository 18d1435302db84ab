import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { createBell } from '../bell.ts'
import { createConsumer } from '../consumer.ts'
import { reasonOf } from '../consumption.ts'
import type { SqlDatabase, SqlExecutor } from '../database.ts'
import type { EventLog } from '../event-log.ts'
import { eventType } from '../event-type.ts'
import { newId } from '../id.ts'
import { publish } from '../outbox.ts'
import type { Scratch } from '../storage/scratch.ts'
import type { ObjectStorage } from '../storage/storage.ts'
import { findMentions, forgetPerson } from './erased.ts'
import { type ExportSections, writeExportFile } from './export-file.ts'
import {
  type ExportedPart,
  PRIVACY_REQUESTED,
  privacyAnswered,
  privacyAnsweredTopic,
  privacyFolder,
  privacyRequested,
} from './requests.ts'

export interface PrivacyPartOptions<Tx extends SqlExecutor> {
  room: string
  databaseUrl: string
  db: SqlDatabase & {
    $transaction<Result>(work: (tx: Tx) => Promise<Result>, options?: object): Promise<Result>
  }
  log: EventLog
  logger: Logger
  storage: ObjectStorage
  scratch: Scratch
  /** Everything this room knows of a person. */
  sections: ExportSections
  /** Drops the person from every table of the room but those of the log; `onCommit` takes what is to be done once that is so. Repeatable. */
  erase(tx: Tx, userId: string, onCommit: (tell: () => void) => void): Promise<void>
  /** Keys of events about things that are the person's and go with them. */
  keysOf?(userId: string): Promise<readonly string[]>
  /** Deletes what lies outside the database, before the rows that name it go. Repeatable. */
  eraseFiles?(userId: string): Promise<void>
}

interface Part {
  jobId: string
  userId: string
  kind: 'EXPORT' | 'ERASE'
  state: 'QUEUED' | 'SETTLING'
  tries: number
}

const MOST_TRIES = 3
const LEASE = '5 minutes'
/** Longer than any access token that was alive when its session ended: what a request of then has left goes in a second pass. */
const SETTLED_AFTER = '15 minutes'
/** What became of an export is of interest for so long. */
const KEPT = '30 days'
const POLL_MS = 1_000
/** By then what a consumer has written is most likely there to be seen; else the poll sees it. */
const COMMITTED_MS = 30
const PATIENCE = { timeout: 60_000, maxWait: 10_000 } as const

/**
 * A room's part of exports and erasures. The request is taken down as a consumer, and done by whichever process leases it: an export would
 * be too long for a consumer's transaction. Three tries; then it has FAILED, with the reason, until it is asked for again.
 */
export function createPrivacyPart<Tx extends SqlExecutor>(options: PrivacyPartOptions<Tx>) {
  const { room, databaseUrl, db, log, logger, storage, scratch } = options
  const sayAnswered = eventType(privacyAnsweredTopic(room), privacyAnswered)
  const filesOf = (jobId: string): string => `${privacyFolder(jobId)}${room}.`
  const bell = createBell()
  let isRunning = false
  let loop: Promise<void> = Promise.resolve()

  const consumer = createConsumer({
    name: `${room}.privacy`,
    source: 'users',
    topics: [PRIVACY_REQUESTED],
    log,
    db,
    logger,
    async apply(tx, events) {
      for (const { jobId, userId, kind, rooms } of events.map(({ payload }) =>
        privacyRequested.parse(payload),
      ))
        if (rooms.includes(room))
          await tx.$executeRaw`
            INSERT INTO privacy_part AS part (job_id, user_id, kind) VALUES (${jobId}, ${userId}, ${kind})
            ON CONFLICT (job_id) DO UPDATE SET state = 'QUEUED', tries = 0, reason = NULL, due_at = clock_timestamp()
             WHERE part.state = 'FAILED'`
      await tx.$executeRaw`
        DELETE FROM privacy_part WHERE kind = 'EXPORT' AND state <> 'QUEUED' AND due_at < clock_timestamp() - ${KEPT}::interval`
      setTimeout(bell.ring, COMMITTED_MS)
    },
  })

  async function lease(): Promise<Part | undefined> {
    const rows = await db.$queryRaw<Part[]>`
      UPDATE privacy_part SET due_at = clock_timestamp() + ${LEASE}::interval, tries = tries + 1
       WHERE job_id = (SELECT job_id FROM privacy_part
                        WHERE state IN ('QUEUED', 'SETTLING') AND due_at <= clock_timestamp()
                        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING job_id AS "jobId", user_id AS "userId", kind, state, tries`
    return rows[0]
  }

  async function exportPart({ jobId, userId }: Part): Promise<void> {
    // A file of its own: two at work on one part, which a lease too short makes possible, spoil nothing of each other's.
    const key = `${filesOf(jobId)}${newId('part')}.json`
    const part = await scratch.use(async (folder): Promise<ExportedPart> => {
      const path = join(folder, 'part')
      const sha256 = await writeExportFile({ databaseUrl, room, sections: options.sections, userId, path })
      const { size: bytes } = await stat(path)
      await storage.putFile(key, path)
      return { key, bytes, sha256 }
    })
    const isWanted = await db.$transaction(async (tx) => {
      const done = await tx.$executeRaw`
        UPDATE privacy_part SET state = 'DONE' WHERE job_id = ${jobId} AND state = 'QUEUED'`
      if (done > 0) await publish(tx, [sayAnswered(jobId, { jobId, room, state: 'DONE', part })])
      return done > 0
    }, PATIENCE)
    // The person was erased meanwhile, or another process was faster.
    if (!isWanted) await storage.delete([key])
  }

  async function erasePart({ jobId, userId, state }: Part): Promise<void> {
    await options.eraseFiles?.(userId)
    const mentions = await findMentions(db, [userId, ...((await options.keysOf?.(userId)) ?? [])])
    const tells: (() => void)[] = []
    const exports = await db.$transaction(async (tx: Tx) => {
      await options.erase(tx, userId, (tell) => tells.push(tell))
      await forgetPerson(tx, userId, mentions)
      // One that is under way finds its row gone, and leaves nothing.
      const exports = await tx.$queryRaw<{ jobId: string }[]>`
        DELETE FROM privacy_part WHERE user_id = ${userId} AND kind = 'EXPORT' RETURNING job_id AS "jobId"`
      if (state === 'SETTLING') {
        await tx.$executeRaw`UPDATE privacy_part SET state = 'DONE', user_id = NULL WHERE job_id = ${jobId}`
        return exports
      }
      await tx.$executeRaw`
        UPDATE privacy_part SET state = 'SETTLING', tries = 0, due_at = clock_timestamp() + ${SETTLED_AFTER}::interval
         WHERE job_id = ${jobId}`
      await publish(tx, [sayAnswered(jobId, { jobId, room, state: 'DONE', part: null })])
      return exports
    }, PATIENCE)
    for (const tell of tells) tell()
    for (const { jobId } of exports)
      for await (const { key } of storage.list(filesOf(jobId))) await storage.delete([key])
  }

  async function fail({ jobId, state, tries }: Part, cause: unknown): Promise<void> {
    logger.error({ room, job: jobId, err: cause }, 'a part of a privacy job failed')
    // A second pass has nobody to tell: it is tried until it works.
    const isOver = tries >= MOST_TRIES && state === 'QUEUED'
    await db.$transaction(async (tx) => {
      const failed = await tx.$executeRaw`
        UPDATE privacy_part SET state = ${isOver ? 'FAILED' : state}, reason = ${reasonOf(cause)},
               due_at = clock_timestamp() + ${Math.min(tries, 60)} * interval '1 second'
         WHERE job_id = ${jobId} AND state = ${state} AND tries = ${tries}`
      if (isOver && failed > 0)
        await publish(tx, [sayAnswered(jobId, { jobId, room, state: 'FAILED', part: null })])
    }, PATIENCE)
  }

  /** Does one part that is due; false when there is none. */
  async function step(): Promise<boolean> {
    const part = await lease()
    if (part === undefined) return false
    await (part.kind === 'EXPORT' ? exportPart(part) : erasePart(part)).catch((cause: unknown) =>
      fail(part, cause),
    )
    return true
  }

  async function run(): Promise<void> {
    while (isRunning) {
      const worked = await step().catch((error: unknown) => {
        logger.warn({ room, err: error }, 'privacy jobs cannot go on, trying again')
        return false
      })
      if (!worked) await bell.rest(POLL_MS)
    }
  }

  return {
    start(): void {
      isRunning = true
      loop = run()
      consumer.start()
    },
    async stop(): Promise<void> {
      await consumer.stop()
      isRunning = false
      bell.ring()
      await loop
    },
  }
}
