import type { Logger } from 'pino'
import { type Clearing, createClearing } from '#shared/clearing.ts'
import { EVENTS_KEPT_MS } from '../config.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

const BATCH = 5_000

/** The table of event ids serves repeats alone: what was heard is kept with the playback, what happened in the log. */
export function createEventClearing(db: PrismaClient, now: () => number, logger: Logger): Clearing {
  return createClearing(() => {
    const before = new Date(now() - EVENTS_KEPT_MS)
    return db.$executeRaw`
      DELETE FROM playback_event WHERE (playback_id, event_id) IN (
        SELECT playback_id, event_id FROM playback_event WHERE received_at < ${before} LIMIT ${BATCH})`
  }, logger)
}
