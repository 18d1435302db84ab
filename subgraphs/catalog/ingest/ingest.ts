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
import { createArtworkMaker } from './artwork.ts'
import { createMusicFiles, type MusicFiles, type Seen } from './music-files.ts'
import { planFiles } from './planning.ts'
import { createFileRecordings } from './publishing.ts'
import { createFileReader } from './reading.ts'
import { createTagReader } from './tag-reader.ts'
import { walkMusic } from './walk.ts'

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
export type IngestOutcome = Record<Lowercase<Seen>, number> & { files: number; ready: number; failed: number }

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
  const jobs = createTranscodeJobs(db, 'FILE')
  const scanned = await scan(options, files, ffmpeg)
  const due = new Set(await files.plan(planFiles(await files.all())))

  await jobs.takeFromGone()
  const mine = [...scanned.paths.keys()]
  const known = new Map((await jobs.find(mine)).map((job) => [job.id, job]))
  const isUnderWay = (id: string): boolean => ['QUEUED', 'RUNNING'].includes(known.get(id)?.state ?? '')
  const isHopeless = (id: string): boolean => {
    const failure = known.get(id)?.failure
    return failure != null && !NOT_ITS_FAULT.includes(failure.code) && !scanned.changed.has(id)
  }
  const wanted = mine.filter((id) => due.has(id) && !isHopeless(id))
  await jobs.queue(
    db,
    wanted.filter((id) => !isUnderWay(id) || scanned.changed.has(id)),
  )
  for (const id of mine.filter((one) => due.has(one) && isHopeless(one)))
    onFault(scanned.paths.get(id) ?? '', known.get(id)?.failure?.message ?? '')

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
    recordings: createFileRecordings({ files, jobs, db, onEnd }),
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
        for (const { id, failure } of rows)
          if (failure !== null) onFault(scanned.paths.get(id) ?? '', failure.message)
        return outcome
      }
      await new Promise((resolve) => setTimeout(resolve, lookMs(wanted.length)))
    }
  } finally {
    await transcoding.stop()
    if (outcome.ready > 0) await catalogue.analyze()
  }
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

interface Scan {
  counts: Omit<IngestOutcome, 'ready' | 'failed'>
  /** Of every file that is not left out, by id. */
  paths: Map<string, string>
  changed: Set<string>
}

async function scan(options: IngestOptions, files: MusicFiles, ffmpeg: string): Promise<Scan> {
  const { folder, storage, scratch, onFault, signal } = options
  const tags = createTagReader()
  const artwork = createArtworkMaker({ ffmpeg: async () => ffmpeg, storage, scratch })
  const read = createFileReader({ tags, artwork, scratch })
  const counts = { files: 0, new: 0, changed: 0, moved: 0, unchanged: 0, left_out: 0 }
  const paths = new Map<string, string>()
  const changed = new Set<string>()
  try {
    for await (const found of walkMusic(folder)) {
      if (signal?.aborted === true)
        throw new ImportFault('Stopped. All files before are in: run the same again')
      counts.files++
      const name = found.path.toString('utf8')
      if ('reason' in found) {
        counts.left_out++
        onFault(name, found.reason)
        continue
      }
      const { seen, fault, id } = await files
        .see(found, () => read(found))
        .catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOSPC')
            throw new ImportFault(
              'There is no room left where audio is stored: make some, and run the same again',
            )
          if (error.code === undefined || !['EACCES', 'EIO', 'ENOENT', 'EPERM'].includes(error.code))
            throw error
          return { seen: 'LEFT_OUT' as const, fault: { code: 'UNREADABLE', message: error.message }, id: '' }
        })
      counts[seen.toLowerCase() as Lowercase<Seen>]++
      if (fault !== null) {
        onFault(name, fault.message)
        continue
      }
      paths.set(id, name)
      if (seen === 'NEW' || seen === 'CHANGED') changed.add(id)
    }
    return { counts, paths, changed }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(code ?? ''))
      throw new ImportFault(`${folder} cannot be read: ${(error as Error).message}`, { cause: error })
    throw error
  } finally {
    await tags.close()
  }
}
