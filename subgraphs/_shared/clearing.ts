import type { Logger } from 'pino'

/** Forgets, once an hour, what a room has no more use for. */
export interface Clearing {
  start(): void
  stop(): Promise<void>
  /** One clearing now; returns how many rows went. */
  run(): Promise<number>
}

const EVERY_MS = 3_600_000

/** `clearBatch` deletes a bounded number of rows and says how many: it is called until there are none. */
export function createClearing(clearBatch: () => Promise<number>, logger: Logger): Clearing {
  let timer: NodeJS.Timeout | null = null
  let isStopping = false
  let running: Promise<unknown> = Promise.resolve()

  async function run(): Promise<number> {
    let total = 0
    for (let cleared = 1; cleared > 0 && !isStopping; total += cleared) cleared = await clearBatch()
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
