import type { Logger } from 'pino'
import type { Scratch } from '#shared/storage/scratch.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import { createAudioMaker } from '../audio/audio-maker.ts'
import { findFfmpeg } from '../audio/ffmpeg.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { ImportFault } from '../import/import-fault.ts'
import { createTranscoding } from '../jobs/transcoding.ts'
import { createCatalogue } from '../services/catalogue.ts'
import { createTranscodeJobs, type TranscodeFailure } from '../services/transcode-jobs.ts'
import { createMusicFiles } from './music-files.ts'
import { createMusicTracks } from './music-tracks.ts'
import { planFiles } from './planning.ts'
import { createFileRecordings } from './publishing.ts'
import { type FileCounts, scanFolder } from './scanning.ts'

export interface IngestOptions {
  folder: string
  db: PrismaClient
  storage: ObjectStorage
  scratch: Scratch
  ffmpegPath?: string | undefined
  /** Recordings transcoded at a time. */
  workers: number
  logger: Logger
  /** Told of every file that is left out, with the reason. */
  onFault(path: string, reason: string): void
  onProgress(state: { done: number; all: number; share: number }): void
  /** Ends the run early; what is in stays. */
  signal?: AbortSignal
}

/** Files by what became of them: `ready` were transcoded or written now. Seconds are of their audio. */
export type IngestOutcome = FileCounts & { ready: number; failed: number }

/** Between looks at the queue, longer where there is more of it. */
const lookMs = (jobs: number): number => 200 + jobs / 10
/** Failures that say nothing about the file: they are tried again by the next run. */
const NOT_ITS_FAULT = ['NO_ROOM', 'FFMPEG_MISSING', 'FFMPEG_TIMEOUT', 'FILE_BROKEN', 'LOST', 'UNEXPECTED']
/** What stops everybody stops the run. */
const STOPPING = ['NO_ROOM', 'FFMPEG_MISSING']

/**
 * Brings a folder of music into the catalogue: looks at every file, plans what they are together, transcodes what is new. It may be ended at
 * any moment and run again; what is unchanged is passed over. Throws an ImportFault that says what to do.
 */
export async function ingestFolder(options: IngestOptions): Promise<IngestOutcome> {
  const { db, storage, scratch, ffmpegPath, onFault, onProgress, logger } = options
  const ffmpeg = await findFfmpeg(ffmpegPath).catch((error: Error) => {
    throw new ImportFault(error.message, { cause: error })
  })
  await scratch.sweep()
  const files = createMusicFiles(db)
  const tracks = createMusicTracks(db)
  const jobs = createTranscodeJobs(db, 'FILE')
  const scanned = await scanFolder(options, { files, tracks, ffmpeg })
  const due = new Set(await tracks.plan(planFiles(await tracks.all())))

  await jobs.takeFromGone()
  const mine = [...scanned.paths.keys()]
  const known = new Map((await jobs.find(mine)).map((job) => [job.id, job]))
  const isUnderWay = (id: string): boolean => ['QUEUED', 'RUNNING'].includes(known.get(id)?.state ?? '')
  const isHopeless = (id: string): boolean =>
    isItsFault(known.get(id)?.failure ?? null) && !scanned.changed.has(id)
  const wanted = mine.filter((id) => due.has(id) && !isHopeless(id))
  await jobs.queue(
    db,
    wanted.filter((id) => !isUnderWay(id) || scanned.changed.has(id)),
  )
  const hopeless = mine.filter((id) => due.has(id) && isHopeless(id))
  for (const id of hopeless) onFault(scanned.paths.get(id) ?? '', known.get(id)?.failure?.message ?? '')
  await tracks.withdraw(hopeless)

  const outcome: IngestOutcome = { ...scanned.counts, ready: 0, failed: 0 }
  if (wanted.length === 0) return outcome
  let stopping: string | null = null
  const onEnd = (id: string, failure: TranscodeFailure | null): void => {
    if (failure !== null && STOPPING.includes(failure.code)) stopping = failure.message
    logger.debug({ id, failure }, 'a recording has ended')
  }
  const transcoding = createTranscoding({
    jobs,
    maker: createAudioMaker({ storage, scratch, ffmpegPath }),
    recordings: createFileRecordings({ tracks, jobs, db, onEnd }),
    count: options.workers,
    logger,
  })
  const catalogue = createCatalogue(db)
  transcoding.start()
  try {
    let isAnalyzed = false
    for (;;) {
      const rows = await lookAt(() => jobs.find(wanted))
      const open = rows.filter(({ state }) => state === 'QUEUED' || state === 'RUNNING')
      outcome.ready = rows.filter(({ state }) => state === 'DONE').length
      outcome.failed = rows.filter(({ state }) => state === 'FAILED').length
      const share = open.reduce((sum, { state, progress }) => sum + (state === 'RUNNING' ? progress : 0), 0)
      onProgress({ done: rows.length - open.length, all: rows.length, share })
      // Into empty tables every later write would be planned as if there were nothing.
      if (!isAnalyzed && outcome.ready >= 50) {
        isAnalyzed = true
        await catalogue.analyze()
      }
      if (stopping !== null) throw new ImportFault(`${stopping} All files before are in: run the same again`)
      if (options.signal?.aborted === true)
        throw new ImportFault('Stopped. All files before are in: run the same again')
      if (open.length === 0) {
        const failed = rows.filter(({ failure }) => failure !== null)
        for (const { id, failure } of failed) onFault(scanned.paths.get(id) ?? '', failure?.message ?? '')
        await tracks.withdraw(failed.flatMap(({ id, failure }) => (isItsFault(failure) ? id : [])))
        return outcome
      }
      await new Promise((resolve) => setTimeout(resolve, lookMs(wanted.length)))
    }
  } finally {
    await transcoding.stop()
    if (outcome.ready > 0) await catalogue.analyze()
  }
}

function isItsFault(failure: TranscodeFailure | null): boolean {
  return failure !== null && !NOT_ITS_FAULT.includes(failure.code)
}

/** A database that is busy, or away for a moment, ends no run: only one that stays away does. */
async function lookAt<Rows>(look: () => Promise<Rows>): Promise<Rows> {
  for (let failures = 1; ; failures++) {
    try {
      return await look()
    } catch (error) {
      if (failures === 5) throw error
      await new Promise((resolve) => setTimeout(resolve, 1_000 * failures))
    }
  }
}
