import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import type { EventLog } from '#shared/event-log.ts'
import { ERASED_USER } from '#shared/privacy/erased.ts'
import {
  PRIVACY_REQUESTED,
  PRIVACY_ROOMS,
  type PrivacyAnswer,
  privacyAnswered,
  privacyAnsweredTopic,
} from '#shared/privacy/requests.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'

/** Hears from every room, this one too, how far its part of a job is. */
export function createPrivacyAnswers(db: PrismaClient, log: EventLog, logger: Logger): Consumer[] {
  return PRIVACY_ROOMS.map((room) =>
    createConsumer({
      name: `users.privacy-${room}`,
      source: room,
      topics: [privacyAnsweredTopic(room)],
      log,
      db,
      logger,
      async apply(tx, events) {
        for (const { payload } of events) await take(tx, privacyAnswered.parse(payload))
      },
    }),
  )
}

async function take(tx: SqlExecutor, { jobId, room, state, part }: PrivacyAnswer): Promise<void> {
  // Held, so that of the last two rooms one sees that the other is done.
  const jobs = await tx.$queryRaw<object[]>`SELECT 1 FROM privacy_job WHERE id = ${jobId} FOR UPDATE`
  if (jobs.length === 0) return
  await tx.$executeRaw`
    UPDATE privacy_job_room
       SET state = ${state}, key = ${part?.key ?? null}, bytes = ${part?.bytes ?? null}::bigint, sha256 = ${part?.sha256 ?? null}
     WHERE job_id = ${jobId} AND room = ${room}`
  const isOver = Prisma.sql`NOT EXISTS (SELECT FROM privacy_job_room WHERE job_id = ${jobId} AND state <> 'DONE')`
  await tx.$executeRaw`UPDATE privacy_job SET user_id = NULL WHERE id = ${jobId} AND kind = 'ERASE' AND ${isOver}`
  // All have read it, and nothing else in the log names whom a job is about.
  await tx.$executeRaw`
    UPDATE outbox SET payload = jsonb_set(payload, '{userId}', to_jsonb(${ERASED_USER}::text))
     WHERE topic = ${PRIVACY_REQUESTED} AND key = ${jobId} AND ${isOver}`
}
