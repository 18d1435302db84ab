import type { Logger } from 'pino'
import type { PrismaClient } from '../generated/prisma/client.ts'

export interface Clearing {
  start(): void
  stop(): Promise<void>
}

const EVERY_MS = 3_600_000
const BATCH = 5_000

/** Forgets plays after 90 days: charts look back 28, taste to the last few. Their home is the playback room. */
export function createClearing(db: PrismaClient, logger: Logger): Clearing {
  let timer: NodeJS.Timeout | null = null
  let isStopping = false
  let running: Promise<void> = Promise.resolve()

  async function clear(): Promise<void> {
    for (let cleared = BATCH; cleared === BATCH && !isStopping; )
      cleared = await db.$executeRaw`
        DELETE FROM play WHERE playback_id IN (
          SELECT playback_id FROM play WHERE at < now() - interval '90 days' LIMIT ${BATCH})`
  }

  const tick = (): void => {
    running = clear().catch((error: unknown) => logger.warn({ err: error }, 'plays are cleared next time'))
  }

  return {
    start() {
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
