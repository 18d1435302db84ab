import type { Logger } from 'pino'
import { type Clearing, createClearing } from '#shared/clearing.ts'
import { EVENTS_KEPT_MS } from '../config.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

const BATCH = 5_000

/** Later than reports of a playback are refused, so that none that is being taken misses an event. */
const MARGIN_MS = 3_600_000

/** Events are there to be heard together with those that come later: what was heard is kept as a play, what happened in the log. */
export function createEventClearing(db: PrismaClient, now: () => number, logger: Logger): Clearing {
  return createClearing(() => {
    const before = new Date(now() - EVENTS_KEPT_MS - MARGIN_MS)
    return db.$executeRaw`
      DELETE FROM playback_report WHERE (playback_id, place) IN (
        SELECT playback_id, place FROM playback_report LEFT JOIN playback_session playback ON playback.id = playback_id
         WHERE received_at < ${before} AND (playback.id IS NULL OR reported_at < ${before}) LIMIT ${BATCH})`
  }, logger)
}
