import type { Logger } from 'pino'
import type { PrismaClient } from '../generated/prisma/client.ts'

export interface Clearing {
  start(): void
  stop(): Promise<void>
  /** Deletes what is of no use any more, a bounded batch at a time; returns how many rows went. */
  run(): Promise<number>
}

const EVERY_MS = 3_600_000
const BATCH = 1_000

/**
 * Forgets spent refresh tokens 30 days after they were issued, and sessions 30 days after nothing could continue them:
 * until then a token that comes back is answered with what became of it.
 */
export function createClearing(db: PrismaClient, logger: Logger): Clearing {
  let timer: NodeJS.Timeout | null = null
  let isStopping = false
  let running: Promise<unknown> = Promise.resolve()

  async function run(): Promise<number> {
    let total = 0
    for (let cleared = 1; cleared > 0 && !isStopping; total += cleared)
      cleared =
        (await db.$executeRaw`
          DELETE FROM refresh_token WHERE hash IN (
            SELECT hash FROM refresh_token
             WHERE used_at IS NOT NULL AND expires_at < clock_timestamp() LIMIT ${BATCH})`) +
        (await db.$executeRaw`
          DELETE FROM session WHERE id IN (
            SELECT id FROM session WHERE expires_at < clock_timestamp() - interval '30 days' LIMIT ${BATCH})`)
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
