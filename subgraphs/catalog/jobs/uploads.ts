import type { Scratch } from '#shared/storage/scratch.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import type { Logger } from '#shared/telemetry.ts'
import type { AudioMaker } from '../audio/audio-maker.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { createTranscodeJobs } from '../services/transcode-jobs.ts'
import { createReceiving } from '../uploads/receiving.ts'
import { createUploadRecordings } from '../uploads/upload-recordings.ts'
import { createTranscoding } from './transcoding.ts'
import { createUploadClearing } from './upload-clearing.ts'
import { createWorkers } from './workers.ts'

/** All that makes tracks of what artists upload. */
export interface UploadWork {
  start(): Promise<void>
  stop(): Promise<void>
}

/** Looks at the storage wait for each other's answers. */
const RECEIVERS = 4
/** Recordings transcoded at a time in one process: one already keeps its processors busy. */
const TRANSCODERS = 1

export function createUploadWork(options: {
  db: PrismaClient
  storage: ObjectStorage
  scratch: Scratch
  maker: AudioMaker
  logger: Logger
}): UploadWork {
  const { db, storage, scratch, maker, logger } = options
  const jobs = createTranscodeJobs(db, 'UPLOAD')
  const recordings = createUploadRecordings({ db, storage, scratch, jobs })
  const transcoding = createTranscoding({ jobs, maker, recordings, count: TRANSCODERS, logger })
  const receiving = createReceiving({ db, storage, jobs, onReceived: transcoding.wake })
  const receivers = createWorkers({
    count: RECEIVERS,
    name: 'uploads',
    lease: receiving.lease,
    work: receiving.advance,
    logger,
  })
  const clearing = createUploadClearing(db, storage, logger)

  return {
    async start() {
      await jobs.takeFromGone()
      transcoding.start()
      receivers.start()
      clearing.start()
    },
    async stop() {
      await Promise.all([receivers.stop(), transcoding.stop(), clearing.stop()])
    },
  }
}
