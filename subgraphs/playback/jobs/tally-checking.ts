import type { Logger } from 'pino'
import type { Consumer } from '#shared/consumer.ts'
import type { SqlExecutor } from '#shared/database.ts'
import { compareHour, hourOf, lasting, type TallyDifference } from '../analytics/tally-check.ts'
import { tallyDifferences } from '../metrics.ts'

/** Compares tallies with the plays that they are of, and tells where they differ. */
export interface TallyChecking {
  start(): void
  stop(): Promise<void>
  /** One look now; returns what differs and does not come right when all the news has come. */
  run(): Promise<TallyDifference[]>
}

export interface TallyCheckingOptions {
  db: SqlExecutor
  tallies: Pick<Consumer, 'caughtUp'>
  now(): number
  logger: Logger
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Plays come in so late. */
const DAYS = 32
const TOLD = 10

/**
 * Once an hour the hour before the last, and the same hour of each day in which plays still come in: in a day each hour of all of them, and
 * never more than a small part at once.
 */
export function createTallyChecking({ db, tallies, now, logger }: TallyCheckingOptions): TallyChecking {
  let timer: NodeJS.Timeout | null = null
  let running: Promise<unknown> = Promise.resolve()
  let isStopping = false
  /** How many differed when each hour of the day was last looked at. */
  const found = Array<number>(24).fill(0)

  async function run(): Promise<TallyDifference[]> {
    const last = hourOf(now() - 2 * HOUR_MS).getTime()
    const differences: TallyDifference[] = []
    for (let day = 0; day < DAYS && !isStopping; day++) {
      const hour = new Date(last - day * DAY_MS)
      const first = await compareHour(db, hour)
      if (first.length === 0) continue
      await tallies.caughtUp()
      differences.push(...lasting(first, await compareHour(db, hour)))
    }
    found[new Date(last).getUTCHours()] = differences.length
    tallyDifferences.set(found.reduce((sum, count) => sum + count, 0))
    if (differences.length > 0)
      logger.error(
        { differences: differences.slice(0, TOLD), all: differences.length },
        'tallies are not what plays say',
      )
    return differences
  }

  return {
    run,
    start() {
      timer = setInterval(() => {
        running = run().catch((error: unknown) => logger.warn({ err: error }, 'tallies were not checked'))
      }, HOUR_MS).unref()
    },
    async stop() {
      isStopping = true
      if (timer !== null) clearInterval(timer)
      await running
    },
  }
}
