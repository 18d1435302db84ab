import { Refusal } from '#shared/errors.ts'
import { derivedId, isIdOf, newId } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { UploadRow } from '../models.ts'
import { readUploadInput, type UploadInput } from './upload-input.ts'

export interface Uploads {
  /** Opens an address for a file. Only for artists that the account manages; refusals are thrown. */
  create(identity: Identity, input: UploadInput): Promise<UploadRow>
  /** Where the file is awaited; null when it is not any more. */
  urlOf(upload: UploadRow): Promise<string | null>
}

/** How long an address is open: two gigabytes at 5 Mbit/s. */
export const OPEN_MS = 3_600_000
/** How many files of one account may be under way. */
export const MOST_OPEN = 50

/** Where uploads lie until they are transcoded. */
export const INCOMING = 'incoming/'

export function keyOf(uploadId: string): string {
  return `${INCOMING}${uploadId}`
}

/** The track that an upload becomes. */
export function trackIdOf(uploadId: string): string {
  return derivedId('track', `upload:${uploadId}`)
}

/** Who made it, who manages its artist now, and those in charge. */
export function maySee(
  { userId, artists, role }: Identity,
  upload: Pick<UploadRow, 'userId' | 'artistId'>,
): boolean {
  return (
    userId !== null && (upload.userId === userId || artists.includes(upload.artistId) || role === 'ADMIN')
  )
}

/** The columns of an UploadRow, of tables called upload and job: how far the transcoder is, it says itself. */
export const UPLOAD = Prisma.sql`
  upload.id, artist_id AS "artistId", user_id AS "userId", title, album_title AS "albumTitle", size_bytes::float8 AS "sizeBytes", markets,
  CASE WHEN upload.state <> 'RECEIVED' THEN upload.state
       WHEN job.state = 'RUNNING' THEN 'TRANSCODING' WHEN job.state = 'FAILED' THEN 'FAILED' ELSE 'RECEIVED' END AS state,
  CASE WHEN upload.state = 'READY' THEN 1 WHEN job.state = 'RUNNING' THEN job.progress ELSE 0 END AS progress,
  coalesce(upload.failure_code, job.failure_code) AS "failureCode", coalesce(failure_message, job.failure) AS "failureMessage",
  created_at AS "createdAt", expires_at AS "expiresAt"`

/** Uploads with their jobs, if they have one. */
export const UPLOADS = Prisma.sql`upload LEFT JOIN transcode_job AS job ON job.id = upload.id AND kind = 'UPLOAD'`

export function findUploads(
  db: Pick<PrismaClient, '$queryRaw'>,
  ids: readonly string[],
): Promise<UploadRow[]> {
  if (ids.length === 0) return Promise.resolve([])
  return db.$queryRaw`SELECT ${UPLOAD} FROM ${UPLOADS} WHERE upload.id = ANY(${ids}::text[])`
}

export function createUploads(db: PrismaClient, storage: Pick<ObjectStorage, 'presignPut'>): Uploads {
  return {
    async create(identity, input) {
      const { userId, artists } = requireUser(identity)
      if (!artists.includes(input.artistId))
        throw new Refusal('FORBIDDEN', 'Only who manages an artist may upload for them', ['artistId'])
      const { artistId, title, albumTitle, fileName, sizeBytes, markets } = readUploadInput(input)
      return db.$transaction(async (tx) => {
        // Two requests of one account wait for each other: together they may not open more than one may.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`catalog.upload ${userId}`}))`
        const [count] = await tx.$queryRaw<{ open: number; isThere: boolean }[]>`
          SELECT (SELECT count(*)::int FROM upload WHERE user_id = ${userId} AND state IN ('WAITING', 'RECEIVED')) AS open,
                 EXISTS (SELECT FROM artist WHERE id = ${artistId}) AS "isThere"`
        if (count?.isThere !== true || !isIdOf('artist', artistId))
          throw new Refusal('NOT_FOUND', 'There is no such artist', ['artistId'])
        if (count.open >= MOST_OPEN)
          throw new Refusal(
            'LIMIT_REACHED',
            `At most ${MOST_OPEN} uploads of an account are under way at a time`,
          )
        const id = newId('upload')
        await tx.$executeRaw`
          INSERT INTO upload (id, artist_id, user_id, title, album_title, file_name, size_bytes, markets, expires_at)
          VALUES (${id}, ${artistId}, ${userId}, ${title}, ${albumTitle}, ${fileName}, ${sizeBytes}, ${markets}::text[],
                  clock_timestamp() + ${OPEN_MS} * interval '1 ms')`
        const [row] = await findUploads(tx, [id])
        return row as UploadRow
      })
    },

    async urlOf({ id, state, sizeBytes, expiresAt }) {
      if (state !== 'WAITING' || expiresAt.getTime() <= Date.now()) return null
      return storage.presignPut(keyOf(id), { bytes: sizeBytes, expiresAt })
    },
  }
}
