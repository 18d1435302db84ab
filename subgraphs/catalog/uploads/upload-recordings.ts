import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { derivedId } from '#shared/id.ts'
import type { Scratch } from '#shared/storage/scratch.ts'
import { ObjectMissing, type ObjectStorage } from '#shared/storage/storage.ts'
import type { AnalysedAsset } from '../audio/asset-store.ts'
import { AudioError } from '../audio/audio-error.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { Recordings } from '../jobs/transcoding.ts'
import type { UploadRow } from '../models.ts'
import { writeDraft } from '../services/catalogue.ts'
import { type CatalogueDraft, emptyDraft } from '../services/drafts.ts'
import { keepRecording } from '../services/recordings.ts'
import { lockCatalogue } from '../services/takedown-effects.ts'
import type { TranscodeJobs } from '../services/transcode-jobs.ts'
import { findUploads, keyOf, trackIdOf } from './uploads.ts'

/** What uploads add to transcoding: the original comes from the storage, and its audio is that of a new track. */
export function createUploadRecordings(parts: {
  db: PrismaClient
  storage: ObjectStorage
  scratch: Scratch
  jobs: TranscodeJobs
}): Recordings {
  const { db, storage, scratch, jobs } = parts
  return {
    withOriginal: (uploadId, use) =>
      scratch.use(async (folder) => {
        const path = join(folder, 'upload')
        await download(storage, keyOf(uploadId), path)
        return use(path)
      }),

    async publish(job, made) {
      await db.$transaction(
        async (tx) => {
          await lockCatalogue(tx) // before the transaction has an id
          if (!(await jobs.finish(tx, job))) return
          const [upload] = await findUploads(tx, [job.id])
          if (upload === undefined) return
          await writeDraft(tx, await toDraft(tx, upload, made))
          await keepRecording(tx, trackIdOf(job.id), made)
          await tx.$executeRaw`UPDATE upload SET state = 'READY' WHERE id = ${job.id}`
        },
        { timeout: 60_000, maxWait: 10_000 },
      )
      await storage.delete([keyOf(job.id)])
    },
  }
}

async function download(storage: ObjectStorage, key: string, path: string): Promise<void> {
  try {
    await pipeline((await storage.read(key)).body, createWriteStream(path))
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error
    throw new AudioError('FILE_BROKEN', 'What was uploaded is not there any more.')
  }
}

/** The track with its album: the one of that title that the artist has uploaded to before, or a single. */
async function toDraft(
  tx: Prisma.TransactionClient,
  upload: UploadRow,
  { asset, features }: AnalysedAsset,
): Promise<CatalogueDraft> {
  const { id, artistId, title, albumTitle, markets, createdAt } = upload
  const albumKey = albumTitle === null ? id : `${artistId} ${albumTitle}`
  const albumId = derivedId('album', `upload:${albumKey}`)
  const known = await tx.album.findUnique({ where: { id: albumId }, select: { releaseDate: true } })
  const releaseDate = (known?.releaseDate ?? createdAt).toISOString().slice(0, 10)
  return {
    ...emptyDraft('upload'),
    albums: [
      {
        id: albumId,
        sourceKey: albumKey,
        title: albumTitle ?? title,
        kind: albumTitle === null ? 'SINGLE' : 'ALBUM',
        releaseDate,
      },
    ],
    albumCredits: [{ albumId, artistId }],
    tracks: [
      {
        id: trackIdOf(id),
        sourceKey: id,
        title,
        durationMs: asset.durationMs,
        albumId,
        discNumber: 1,
        trackNumber: null,
        explicit: false,
        isrc: null,
        popularity: 0,
        markets,
        features,
        areEstimates: true,
        isComposable: false,
        artistIds: [artistId],
        genreIds: [],
      },
    ],
  }
}
