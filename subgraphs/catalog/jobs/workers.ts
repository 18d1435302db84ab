import type { Logger } from 'pino'

/** Loops that take jobs from a queue that is a table, each one job at a time. */
export interface Workers {
  /** May be called again while they run. */
  start(): void
  /** Resolves when the last one has let go of its job. */
  stop(): Promise<void>
  isRunning(): boolean
  /** A job was asked for, in a transaction that is about to commit: look soon, and often for a moment. */
  wake(): void
}

const POLL_MS = 1_000
const EAGER_POLL_MS = 25
const EAGER_MS = 1_500

/** `lease` takes a job or answers null; `work` does it, whatever comes of it. */
export function createWorkers<Job>(options: {
  count: number
  lease(): Promise<Job | null>
  work(job: Job): Promise<void>
  /** What to call this in the log. */
  name: string
  logger: Logger
}): Workers {
  const { lease, work, name, logger } = options
  let isRunning = false
  let eagerUntil = 0
  let loops: Promise<void>[] = []
  const rings = new Set<() => void>()

  async function run(): Promise<void> {
    while (isRunning) {
      try {
        const job = await lease()
        if (job === null) await rest()
        else await work(job)
      } catch (error) {
        logger.error({ err: error }, `the queue of ${name} cannot be read`)
        await rest()
      }
    }
  }

  function rest(): Promise<void> {
    return new Promise((resolve) => {
      const ring = (): void => {
        clearTimeout(timer)
        rings.delete(ring)
        resolve()
      }
      const timer = setTimeout(ring, Date.now() < eagerUntil ? EAGER_POLL_MS : POLL_MS)
      rings.add(ring)
    })
  }

  function wake(): void {
    eagerUntil = Date.now() + EAGER_MS
    for (const ring of rings) ring()
  }

  return {
    start() {
      if (isRunning) return
      isRunning = true
      loops = Array.from({ length: options.count }, run)
    },
    async stop() {
      isRunning = false
      wake()
      await Promise.all(loops)
    },
    isRunning: () => isRunning,
    wake,
  }
}
