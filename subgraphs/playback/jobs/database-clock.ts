import type { Logger } from 'pino'
import type { SqlExecutor } from '#shared/database.ts'

/** The database's clock, as this process sees it. */
export interface DatabaseClock {
  /** Milliseconds since 1970. */
  now(): number
  start(): void
  stop(): Promise<void>
}

const EVERY_MS = 10_000
const SAMPLES = 3

/**
 * One clock for all processes of the room, so that none of theirs makes a play earlier or later than it was: asked for now and then, with the steady
 * clock of the process in between. Until the database has answered once, the process's own has to do.
 */
export async function openDatabaseClock(db: SqlExecutor, logger: Logger): Promise<DatabaseClock> {
  let offset = Date.now() - performance.now()
  let uncertainty = Number.POSITIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  let asking: Promise<void> = Promise.resolve()

  /** Of several answers the one that was least under way says it best: off by half of that at most. */
  async function ask(): Promise<void> {
    let best = { offset, uncertainty: Number.POSITIVE_INFINITY }
    for (let sample = 0; sample < SAMPLES; sample++) {
      const asked = performance.now()
      const [row] = await db.$queryRaw<{ ms: number }[]>`
        SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::float8 AS ms`
      const answered = performance.now()
      const half = (answered - asked) / 2
      if (row !== undefined && half < best.uncertainty)
        best = { offset: row.ms - (asked + half), uncertainty: half }
    }
    // What both may be wrong by is no reason to go forth and back.
    if (Math.abs(best.offset - offset) > best.uncertainty + uncertainty || best.uncertainty < uncertainty)
      ({ offset, uncertainty } = best)
  }

  function tick(): void {
    asking = ask().catch((error: unknown) =>
      logger.warn({ err: error }, 'the database was not asked for the time'),
    )
  }

  tick()
  await asking
  return {
    now: () => Math.floor(performance.now() + offset),
    start() {
      timer = setInterval(tick, EVERY_MS).unref()
    },
    async stop() {
      if (timer !== null) clearInterval(timer)
      await asking
    },
  }
}
