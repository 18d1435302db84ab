import { stat } from 'node:fs/promises'
import { withTagged } from '../audio/features/estimator.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Recordings } from '../jobs/transcoding.ts'
import { writeDraft } from '../services/catalogue.ts'
import type { CatalogueDraft } from '../services/drafts.ts'
import { keepRecording, measureAlbums } from '../services/recordings.ts'
import { lockCatalogue } from '../services/takedown-effects.ts'
import type { TranscodeFailure, TranscodeJobs } from '../services/transcode-jobs.ts'
import type { MusicTracks } from './music-tracks.ts'

/** Files of a folder as recordings: a track is in the catalogue from the moment it can be heard, and everything of it at once. */
export function createFileRecordings(parts: {
  tracks: MusicTracks
  jobs: TranscodeJobs
  db: PrismaClient
  onEnd(jobId: string, failure: TranscodeFailure | null): void
}): Recordings {
  const { tracks, jobs, db, onEnd } = parts

  const find = async (id: string) => {
    const file = await tracks.find(id)
    if (file === null) throw new Error('Nothing is planned for this file')
    return file
  }

  return {
    onEnd,
    async withOriginal(id, use) {
      const file = await find(id)
      const check = async (): Promise<void> => {
        const { size, mtimeNs } = await stat(file.path, { bigint: true })
        if (size !== file.bytes || mtimeNs !== file.modifiedNs)
          throw new Error('It has changed since it was looked at: ingest the folder again')
      }
      await check()
      const result = await use(file.path)
      await check()
      return result
    },
    async publish(job, made) {
      const { plan, planHash } = await find(job.id)
      const { tagged, ...track } = plan.track
      const features = withTagged(made.features, tagged)
      const { durationMs } = made.asset
      const draft: CatalogueDraft = {
        ...plan.draft,
        tracks: [{ ...track, durationMs, features, areEstimates: true }],
      }
      await db.$transaction(
        async (tx) => {
          await lockCatalogue(tx)
          if (!(await jobs.finish(tx, job))) return
          const [written] = await writeDraft(tx, draft)
          await keepRecording(tx, track.id, made)
          if (written?.formerAlbumId != null) await measureAlbums(tx, [written.formerAlbumId])
          await tx.$executeRaw`UPDATE music_track SET written_hash = ${planHash} WHERE id = ${job.id}`
        },
        { timeout: 60_000, maxWait: 10_000 },
      )
    },
  }
}
