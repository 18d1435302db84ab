import { AppError } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { OFFLINE, REPORT_GATHERING, REPORT_LIMITS, TRANSACTION } from '../config.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { playsCounted } from '../metrics.ts'
import type { ReportedEvent, Timeliness } from './event-check.ts'
import { createGathering } from './gathering.ts'
import { type OfflineReport, openOfflinePlays } from './offline-plays.ts'
import type { PlayPartitions } from './play-partitions.ts'
import { type Report, type ReportOf, type TakenReports, takeReports } from './report-batch.ts'

/** Takes what players say they did. Accepted is on disk, in the transaction that answers; a repeat is accepted and changes nothing. */
export interface ReportService {
  report(identity: Identity, events: readonly ReportedEvent[]): Promise<Report>
  /** What a device played by itself, however long ago: its clock is corrected by what it says the time is now. */
  reportOffline(identity: Identity, input: OfflineReport): Promise<Report>
}

const ONLINE: Timeliness = { past: REPORT_LIMITS.clockMs, future: REPORT_LIMITS.clockMs }
const OFFLINE_EVENTS: Timeliness = { past: OFFLINE.licenceMs + REPORT_LIMITS.clockMs, future: 1_000 }

/** Reports that come at the same time, of whoever it may be, share a transaction. */
export function createReportService(
  db: PrismaClient,
  partitions: PlayPartitions,
  now: () => number,
): ReportService {
  const gathering = createGathering<ReportOf, Report>({
    ...REPORT_GATHERING,
    work: async (reports) =>
      tell(await db.$transaction((tx) => takeReports(tx, partitions, reports), TRANSACTION)),
  })

  return {
    async report(identity, events) {
      const { userId } = requireUser(identity)
      checkSize(events.length)
      return gathering.add({ userId, events, receivedAt: now(), timeliness: ONLINE })
    },
    async reportOffline(identity, input) {
      const user = requireUser(identity)
      checkSize(input.plays.reduce((sum, { events }) => sum + events.length, 0))
      const receivedAt = now()
      const taken = await db.$transaction(async (tx) => {
        const oldest = receivedAt - OFFLINE_EVENTS.past
        const events = await openOfflinePlays(tx, user, input, receivedAt, oldest)
        const report = { userId: user.userId, events, receivedAt, timeliness: OFFLINE_EVENTS }
        return takeReports(tx, partitions, [report])
      }, TRANSACTION)
      return tell(taken)[0] as Report
    },
  }
}

/** Once they are committed. */
function tell({ reports, counted }: TakenReports): Report[] {
  playsCounted.inc(counted)
  return reports
}

function checkSize(events: number): void {
  if (events > REPORT_LIMITS.events)
    throw new AppError('BAD_USER_INPUT', `A report holds at most ${REPORT_LIMITS.events} events`)
}
