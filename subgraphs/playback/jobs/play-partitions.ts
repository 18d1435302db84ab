import type { Logger } from 'pino'
import { OFFLINE } from '../config.ts'
import type { PlayPartitions } from '../services/play-partitions.ts'

/** Makes months of plays before they are needed. */
export interface PartitionMaking {
  start(): void
  stop(): Promise<void>
  run(): Promise<void>
}

const EVERY_MS = 3_600_000
const AHEAD_MS = 40 * 24 * EVERY_MS

/** From what was played offline and may be told today, to what will be played next month. */
export function createPartitionMaking(
  partitions: PlayPartitions,
  now: () => number,
  logger: Logger,
): PartitionMaking {
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()

  const run = (): Promise<void> =>
    partitions.ensure([-OFFLINE.licenceMs, 0, AHEAD_MS].map((offset) => new Date(now() + offset)))

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
