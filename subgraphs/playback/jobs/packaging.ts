import { join } from 'node:path'
import type { Logger } from 'pino'
import { createBell } from '#shared/bell.ts'
import type { Scratch } from '#shared/storage/scratch.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { AssetStore } from '../services/asset-store.ts'
import { type AudioAsset, type Rendition, renditionOf } from '../services/audio-asset.ts'
import { requestAudio } from '../services/audio-request.ts'
import type { ContentKeys } from '../services/content-keys.ts'
import { writeOfflineFile } from '../services/offline-file.ts'
import { deviceKeyOf } from '../services/offline-licence.ts'
import * as queue from '../services/packaging-queue.ts'
import { QUALITIES, rankOf } from '../services/quality.ts'

export interface Packaging {
  start(): void
  stop(): Promise<void>
}

export interface PackagingOptions {
  db: PrismaClient
  assets: AssetStore
  storage: ObjectStorage
  scratch: Scratch
  contentKeys: ContentKeys
  topic: HintTopic
  now(): number
  logger: Logger
}

/** Said when something was queued. */
export const PACKAGING = 'packaging'
const AT_ONCE = 4
const POLL_MS = 1_000

/**
 * Makes the files that devices store, each encrypted for its one device. Any number of processes may: a job is leased to one of them, and
 * taken up by another when that one has died. What nobody holds any more is deleted.
 */
export function createPackaging(options: PackagingOptions): Packaging {
  const { db, assets, storage, scratch, contentKeys, topic, now, logger } = options
  const bell = createBell()
  let isRunning = false
  let unlisten: () => void = () => undefined
  let loop: Promise<void> = Promise.resolve()

  async function make(job: queue.PackagingJob): Promise<void> {
    const asset = job.assetId === null ? null : await assets.find(job.assetId)
    if (asset === null) {
      if (!job.isComposable) return queue.fail(db, job)
      await requestAudio(db, job.trackId, now())
      return queue.postpone(db, job, now() + POLL_MS)
    }
    const rendition = renditionFor(asset, job)
    const key = await contentKeys.find(deviceKeyOf(job.keyId))
    const path = `offline/${job.keyId}/${job.trackId}-${rendition.quality.toLowerCase()}-${job.revision}-${job.attempt}.aes`
    await scratch.use(async (folder) => {
      const file = join(folder, 'file')
      const bytes = await writeOfflineFile((await storage.read(rendition.path)).body, key, file)
      await storage.putFile(path, file)
      if (!(await queue.finish(db, job, path, bytes))) await storage.delete([path])
      else if (job.path !== null) await storage.delete([job.path])
    })
  }

  async function attempt(job: queue.PackagingJob): Promise<void> {
    try {
      await make(job)
    } catch (error) {
      logger.warn({ err: error, track: job.trackId, attempt: job.attempt }, 'a file for offline was not made')
      await queue.retry(db, job, now())
    }
  }

  async function run(): Promise<void> {
    while (isRunning) {
      const worked = await step().catch((error: unknown) => {
        logger.warn({ err: error }, 'packaging cannot go on, trying again')
        return false
      })
      if (!worked) await bell.rest(POLL_MS)
    }
  }

  async function step(): Promise<boolean> {
    const jobs = await queue.claim(db, AT_ONCE, now())
    await Promise.all(jobs.map(attempt))
    const abandoned = await queue.forgetAbandoned(db)
    await storage.delete(abandoned)
    return jobs.length + abandoned.length > 0
  }

  return {
    start() {
      isRunning = true
      unlisten = topic.listen(PACKAGING, bell.ring)
      loop = run()
    },
    async stop() {
      isRunning = false
      unlisten()
      bell.ring()
      await loop
    },
  }
}

/** The quality asked for, or the best below it, or the lowest there is. */
function renditionFor(asset: AudioAsset, { quality }: queue.PackagingJob): Rendition {
  const there = QUALITIES.filter((one) => renditionOf(asset, one) !== null)
  const chosen = there.filter((one) => rankOf(one) <= rankOf(quality)).at(-1) ?? there[0]
  return renditionOf(asset, chosen ?? quality) as Rendition
}
