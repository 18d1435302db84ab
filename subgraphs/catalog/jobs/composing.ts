import type { Logger } from 'pino'
import type { AudioAsset } from '../audio/asset.ts'
import type { Score } from '../audio/score.ts'
import type { AudioJob, AudioJobs } from '../services/audio-jobs.ts'
import { createWorkers, type Workers } from './workers.ts'

/** Makes a piece and its files. */
export interface Composer {
  compose(score: Score): Promise<AudioAsset>
  close(): Promise<void>
}

/**
 * Composes what is in the queue, `workers` pieces at a time, outside any transaction. The queue is a table: other processes
 * compose from it as well, and a piece is whose lease it is.
 */
export function createComposing(options: {
  jobs: AudioJobs
  composer: Composer
  workers: number
  logger: Logger
}): Workers {
  const { jobs, composer, logger } = options

  async function compose(job: AudioJob): Promise<void> {
    const begun = performance.now()
    try {
      const asset = await composer.compose(await jobs.readScore(job.playableId))
      const isStored = await jobs.store(job, asset)
      const milliseconds = Math.round(performance.now() - begun)
      logger.info({ playableId: job.playableId, milliseconds, isStored }, 'audio composed')
    } catch (error) {
      if (!workers.isRunning()) return jobs.giveBack(job)
      logger.warn({ playableId: job.playableId, attempt: job.attempt, err: error }, 'audio not composed')
      await jobs.fail(job, error instanceof Error ? error.message : String(error))
    }
  }

  const workers = createWorkers({
    count: options.workers,
    name: 'the composer',
    lease: jobs.lease,
    work: compose,
    logger,
  })
  return {
    ...workers,
    async stop() {
      const stopped = workers.stop()
      await composer.close()
      await stopped
    },
  }
}
