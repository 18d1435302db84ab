import { AppError, Refusal } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { PrivacyJobRow } from '../models.ts'
import { lockAccount, TRANSACTION } from './account-lock.ts'
import type { DownloadUrls } from './download-urls.ts'
import type { Passwords } from './passwords.ts'
import { createJob, findJobs, requestOf, stateOf } from './privacy-jobs.ts'
import { endSessions } from './session-end.ts'

/** How long an archive can be had. */
export const ARCHIVE_MS = 7 * 24 * 3_600_000
const DAY_MS = 24 * 3_600_000
const MOST_A_DAY = 5

export interface PrivacyService {
  /** Those of the jobs that may be seen: one's own, and all by an ADMIN. */
  find(identity: Identity, ids: readonly string[]): Promise<PrivacyJobRow[]>
  /** The export that is under way, or else a new one. LIMIT_REACHED for the sixth of a day. */
  export(identity: Identity): Promise<PrivacyJobRow>
  /**
   * From now on there is nobody of that name, address or password, and no session; rows follow, room by room. CREDENTIALS_WRONG for another
   * password, after the same work as signing in.
   */
  erase(identity: Identity, password: string): Promise<PrivacyJobRow>
  /** Asks the rooms that failed once more. NOT_FOUND for a job that may not be seen. */
  retry(identity: Identity, jobId: string): Promise<PrivacyJobRow>
  /** Where the archive is had by who asks, for 15 minutes; null while there is none, for an erasure, and for everybody else. */
  downloadUrl(identity: Identity, job: PrivacyJobRow): string | null
}

export function createPrivacyService(
  db: PrismaClient,
  passwords: Passwords,
  urls: DownloadUrls,
): PrivacyService {
  const find: PrivacyService['find'] = async ({ userId, role }, ids) =>
    userId === null ? [] : findJobs(db, { id: { in: [...ids] }, ...(role !== 'ADMIN' && { userId }) })

  return {
    find,

    async export(identity) {
      const { userId } = requireUser(identity)
      return db.$transaction(async (tx) => {
        await requireAccount(tx, userId)
        const since = new Date(Date.now() - DAY_MS)
        const today = await findJobs(tx, { userId, kind: 'EXPORT', requestedAt: { gt: since } })
        const running = today.find((job) => ['QUEUED', 'RUNNING'].includes(stateOf(job)))
        if (running !== undefined) return running
        if (today.length >= MOST_A_DAY)
          throw new Refusal(
            'LIMIT_REACHED',
            `At most ${MOST_A_DAY} exports a day: the last one can still be had`,
          )
        const { job, requested } = await createJob(tx, userId, 'EXPORT')
        await publish(tx, [requested])
        return job
      }, TRANSACTION)
    },

    async erase(identity, password) {
      const { userId } = requireUser(identity)
      const found = await db.account.findUnique({ where: { id: userId }, select: { passwordHash: true } })
      const isRight = await passwords.verify(found?.passwordHash || null, password)
      if (!isRight) throw new Refusal('CREDENTIALS_WRONG', 'The password is wrong', ['password'])
      return db.$transaction(async (tx) => {
        const account = await requireAccount(tx, userId)
        const { job, requested } = await createJob(tx, userId, 'ERASE')
        // No address anybody can write, and no hash that any password has.
        const data = {
          email: job.id,
          displayName: 'Erased',
          passwordHash: '',
          sharesPlays: false,
          sharesPlaysSince: null,
        }
        await tx.account.update({ where: { id: account.id }, data })
        await publish(tx, [...(await endSessions(tx, userId, 'ALL', 'SIGNED_OUT')), requested])
        return job
      }, TRANSACTION)
    },

    async retry(identity, jobId) {
      requireUser(identity)
      const [job] = await find(identity, [jobId])
      if (job === undefined) throw new Refusal('NOT_FOUND', 'There is no such job', ['id'])
      const { userId } = job
      if (userId === null) return job
      await db.$transaction(async (tx) => {
        const asked = await tx.$queryRaw<{ room: string }[]>`
          UPDATE privacy_job_room SET state = 'QUEUED' WHERE job_id = ${jobId} AND state = 'FAILED' RETURNING room`
        const rooms = asked.map(({ room }) => room)
        if (rooms.length > 0) await publish(tx, [requestOf(job, userId, rooms)])
      }, TRANSACTION)
      return (await find(identity, [jobId]))[0] ?? job
    },

    downloadUrl(identity, job) {
      const isThere = job.kind === 'EXPORT' && stateOf(job) === 'DONE' && !isOver(job)
      return isThere && job.userId !== null && job.userId === identity.userId
        ? urls.sign(job.id, job.userId)
        : null
    },
  }
}

/** Whether an archive is too old to be had. */
export function isOver({ requestedAt }: Pick<PrivacyJobRow, 'requestedAt'>): boolean {
  return Date.now() - requestedAt.getTime() > ARCHIVE_MS
}

async function requireAccount(tx: Prisma.TransactionClient, userId: string) {
  const account = await lockAccount(tx, userId)
  // Without a valid address it is being erased already.
  if (account === null || !account.email.includes('@'))
    throw new AppError('UNAUTHENTICATED', 'This account is gone')
  return account
}
