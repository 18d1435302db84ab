import type { Logger } from 'pino'
import type { AudioAsset } from '../audio/asset.ts'
import type { Score } from '../audio/score.ts'
import type { AudioJob, AudioJobs } from '../services/audio-jobs.ts'

/** Makes a piece and its files. */
export interface Composer {
  compose(score: Score): Promise<AudioAsset>
  close(): Promise<void>
}

export interface Composing {
  /** May be called again while it runs. */
  start(): void
  stop(): Promise<void>
  /** A job was asked for, in a transaction that is about to commit: look soon, and often for a moment. */
  wake(): void
}

const POLL_MS = 1_000
const EAGER_POLL_MS = 25
const EAGER_MS = 1_500

/**
 * Composes what is in the queue, `workers` pieces at a time, outside any transaction. The queue is a table: other processes
 * compose from it as well, and a piece is whose lease it is.
 */
export function createComposing(options: {
  jobs: AudioJobs
  composer: Composer
  workers: number
  logger: Logger
}): Composing {
  const { jobs, composer, logger } = options
  let isRunning = false
  let eagerUntil = 0
  let loops: Promise<void>[] = []
  const rings = new Set<() => void>()

  async function compose(job: AudioJob): Promise<void> {
    const begun = performance.now()
    try {
      const asset = await composer.compose(await jobs.readScore(job.playableId))
      const isStored = await jobs.store(job, asset)
      const milliseconds = Math.round(performance.now() - begun)
      logger.info({ playableId: job.playableId, milliseconds, isStored }, 'audio composed')
    } catch (error) {
      if (!isRunning) return jobs.giveBack(job)
      logger.warn({ playableId: job.playableId, attempt: job.attempt, err: error }, 'audio not composed')
      await jobs.fail(job, error instanceof Error ? error.message : String(error))
    }
  }

  async function work(): Promise<void> {
    while (isRunning) {
      try {
        const job = await jobs.lease()
        if (job === null) await rest()
        else await compose(job)
      } catch (error) {
        logger.error({ err: error }, 'the queue of the composer cannot be read')
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
      loops = Array.from({ length: options.workers }, work)
    },
    async stop() {
      isRunning = false
      wake()
      await composer.close()
      await Promise.all(loops)
    },
    wake,
  }
}
