import type { Logger } from 'pino'
import type { AnalysedAsset } from '../audio/asset-store.ts'
import { AudioError, type AudioErrorCode } from '../audio/audio-error.ts'
import type { AudioMaker } from '../audio/audio-maker.ts'
import type { TranscodeFailure, TranscodeJob, TranscodeJobs } from '../services/transcode-jobs.ts'
import { createWorkers, type Workers } from './workers.ts'

/** What one kind of recording adds: where its original is, and what its audio is for. */
export interface Recordings {
  /** Runs `use` with the path of the original, which is there until it returns. */
  withOriginal<Result>(jobId: string, use: (path: string | Buffer) => Promise<Result>): Promise<Result>
  /** Has the effect of a job in one transaction that begins with `jobs.finish`; does nothing when the lease was lost. */
  publish(job: TranscodeJob, made: AnalysedAsset): Promise<void>
  /** Told of each end of a job. */
  onEnd?(jobId: string, failure: TranscodeFailure | null): void
}

const RENEW_MS = 5_000
/** Not the fault of the recording: the same one may do better another time. */
const OURS: readonly AudioErrorCode[] = [
  'FFMPEG_MISSING',
  'FFMPEG_TIMEOUT',
  'NO_ROOM',
  'FILE_BROKEN',
  'WORKER_FAILED',
]

/** Transcodes what is in the queue, `count` recordings at a time, outside any transaction, and publishes each. */
export function createTranscoding(options: {
  jobs: TranscodeJobs
  maker: AudioMaker
  recordings: Recordings
  count: number
  logger: Logger
}): Workers {
  const { jobs, maker, recordings, logger } = options
  const stopping = new AbortController()

  async function transcode(job: TranscodeJob): Promise<void> {
    const lost = new AbortController()
    let progress = 0
    const renewing = setInterval(() => {
      jobs.renew(job, progress).then(
        (isOurs) => isOurs || lost.abort(),
        (error: unknown) => logger.warn({ err: error, job: job.id }, 'a lease could not be renewed'),
      )
    }, RENEW_MS)
    try {
      const made = await recordings.withOriginal(job.id, (path) =>
        maker.make(path, {
          signal: AbortSignal.any([stopping.signal, lost.signal]),
          onProgress: (share) => {
            progress = share
          },
        }),
      )
      await recordings.publish(job, made)
      recordings.onEnd?.(job.id, null)
    } catch (error) {
      if (stopping.signal.aborted || lost.signal.aborted) return await jobs.giveBack(job)
      const failure = toFailure(error)
      logger.warn({ job: job.id, err: error }, 'a recording was not transcoded')
      await jobs.fail(job, failure)
      recordings.onEnd?.(job.id, failure)
    } finally {
      clearInterval(renewing)
    }
  }

  const workers = createWorkers({ ...options, name: 'recordings', lease: jobs.lease, work: transcode })
  return {
    ...workers,
    async stop() {
      stopping.abort()
      await workers.stop()
    },
  }
}

function toFailure(error: unknown): TranscodeFailure & { isFinal: boolean } {
  if (error instanceof AudioError)
    return { code: error.code, message: error.message, isFinal: !OURS.includes(error.code) }
  return {
    code: 'UNEXPECTED',
    message: error instanceof Error ? error.message : String(error),
    isFinal: false,
  }
}
