import { newId } from '#shared/id.ts'
import type { OutboxEvent } from '#shared/outbox.ts'
import { PRIVACY_ROOMS, sayPrivacyRequested } from '#shared/privacy/requests.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { JobState, PrivacyJobRow } from '../models.ts'

/** How far a job is: FAILED as soon as a room is, for then somebody has to ask again. */
export function stateOf({ rooms }: Pick<PrivacyJobRow, 'rooms'>): JobState {
  const states = new Set(rooms.map(({ state }) => state))
  if (states.has('FAILED')) return 'FAILED'
  if (!states.has('DONE')) return 'QUEUED'
  return states.has('QUEUED') ? 'RUNNING' : 'DONE'
}

/** Jobs by what Prisma takes to choose them, the latest first; their rooms always in one order. */
export async function findJobs(
  db: Pick<PrismaClient, 'privacyJob'>,
  where: Prisma.PrivacyJobWhereInput,
): Promise<PrivacyJobRow[]> {
  const jobs = await db.privacyJob.findMany({
    where,
    orderBy: { requestedAt: 'desc' },
    include: { rooms: { select: { room: true, state: true } } },
  })
  return jobs.map(({ rooms, kind, ...job }) => ({
    ...job,
    kind: kind as PrivacyJobRow['kind'],
    rooms: PRIVACY_ROOMS.flatMap((name) => rooms.filter(({ room }) => room === name)).map(
      ({ room, state }) => ({
        room,
        state: state as PrivacyJobRow['rooms'][number]['state'],
      }),
    ),
  }))
}

/** A new job, and what is to be said in the same transaction. */
export async function createJob(
  tx: Prisma.TransactionClient,
  userId: string,
  kind: PrivacyJobRow['kind'],
): Promise<{ job: PrivacyJobRow; requested: OutboxEvent }> {
  const id = newId('privacy')
  await tx.privacyJob.create({
    data: { id, userId, kind, rooms: { create: PRIVACY_ROOMS.map((room) => ({ room })) } },
  })
  const [job] = await findJobs(tx, { id })
  return { job: job as PrivacyJobRow, requested: requestOf({ id, kind }, userId, PRIVACY_ROOMS) }
}

export function requestOf(
  { id: jobId, kind }: Pick<PrivacyJobRow, 'id' | 'kind'>,
  userId: string,
  rooms: readonly string[],
): OutboxEvent {
  return sayPrivacyRequested(jobId, { jobId, userId, kind, rooms: [...rooms] })
}
