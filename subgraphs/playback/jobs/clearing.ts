import type { Logger } from 'pino'
import { EVENTS_KEPT_MS } from '../config.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

export interface Clearing {
  start(): void
  stop(): Promise<void>
  /** Forgets events that no repeat can name any more, a bounded batch at a time; returns how many went. */
  run(): Promise<number>
}

const EVERY_MS = 3_600_000
const BATCH = 5_000

/** The table of event ids serves repeats alone: what was heard is kept with the playback, what happened in the log. */
export function createClearing(db: PrismaClient, now: () => number, logger: Logger): Clearing {
  let timer: NodeJS.Timeout | null = null
  let isStopping = false
  let running: Promise<unknown> = Promise.resolve()

  async function run(): Promise<number> {
    const before = new Date(now() - EVENTS_KEPT_MS)
    let total = 0
    for (let cleared = BATCH; cleared === BATCH && !isStopping; total += cleared)
      cleared = await db.$executeRaw`
        DELETE FROM playback_event WHERE (playback_id, event_id) IN (
          SELECT playback_id, event_id FROM playback_event WHERE received_at < ${before} LIMIT ${BATCH})`
    return total
  }

  function tick(): void {
    running = run().catch((error: unknown) => logger.warn({ err: error }, 'clearing failed, next time again'))
  }

  return {
    run,
    start() {
      isStopping = false
      timer = setInterval(tick, EVERY_MS).unref()
      tick()
    },
    async stop() {
      isStopping = true
      if (timer !== null) clearInterval(timer)
      await running
    },
  }
}
