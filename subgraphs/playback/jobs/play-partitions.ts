import type { Logger } from 'pino'
import { OFFLINE, REPORT_LIMITS } from '../config.ts'
import type { PlayPartitions } from '../services/play-partitions.ts'

/** Makes months of plays before they are needed. */
export interface PartitionMaking {
  start(): void
  stop(): Promise<void>
  run(): Promise<void>
}

const EVERY_MS = 3_600_000
const DAY_MS = 24 * EVERY_MS
const BEHIND_MS = OFFLINE.licenceMs + REPORT_LIMITS.clockMs
const AHEAD_MS = 40 * DAY_MS
/** Shorter than any month. */
const STEP_MS = 14 * DAY_MS

/** From what was played offline and may be told today, to what will be played next month. */
export function createPartitionMaking(
  partitions: PlayPartitions,
  now: () => number,
  logger: Logger,
): PartitionMaking {
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()

  function run(): Promise<void> {
    const instants = [now() + AHEAD_MS]
    for (let offset = -BEHIND_MS; offset < AHEAD_MS; offset += STEP_MS) instants.push(now() + offset)
    return partitions.ensure(instants.map((instant) => new Date(instant)))
  }

  function tick(): void {
    running = run().catch((error: unknown) =>
      logger.warn({ err: error }, 'no partitions could be made, next time'),
    )
  }

  return {
    run,
    start() {
      timer = setInterval(tick, EVERY_MS).unref()
      tick()
    },
    async stop() {
      if (timer !== null) clearInterval(timer)
      await running
    },
  }
}
