import { Readable } from 'node:stream'
import { CompactSign } from 'jose'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { isOver } from './privacy.ts'
import { findJobs, stateOf } from './privacy-jobs.ts'
import { SIGNING_ALGORITHM, type SigningKey } from './signing-key.ts'
import { type ZipEntry, zip } from './zip.ts'

export interface Archive {
  name: string
  userId: string
  /** Opens the files: to be read, or destroyed. */
  open(): Readable
}

/**
 * The archive of an export, made from the rooms' parts while it is sent: `<room>.json`, `manifest.json` with the SHA-256 and size of each,
 * and `manifest.jws`, the same signed (compact JWS, EdDSA, by a key of `/privacy/keys`). Null while it is not done, and once it is over.
 */
export async function openArchive(
  { db, storage, signer }: { db: PrismaClient; storage: ObjectStorage; signer: SigningKey },
  jobId: string,
): Promise<Archive | null> {
  const [job] = await findJobs(db, { id: jobId, kind: 'EXPORT' })
  if (job === undefined || job.userId === null || stateOf(job) !== 'DONE' || isOver(job)) return null
  const parts = await db.privacyJobRoom.findMany({ where: { jobId }, orderBy: { room: 'asc' } })
  const files = parts.flatMap(({ room, key, bytes, sha256 }) =>
    key === null ? [] : [{ key, file: { name: `${room}.json`, bytes: Number(bytes), sha256 } }],
  )
  const manifest = Buffer.from(
    `${JSON.stringify(
      { job: jobId, user: job.userId, requestedAt: job.requestedAt, files: files.map(({ file }) => file) },
      null,
      2,
    )}\n`,
  )
  const signature = await new CompactSign(manifest)
    .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: 'privacy-manifest', kid: signer.kid })
    .sign(signer.key)
  const entries: ZipEntry[] = [
    inMemory('manifest.json', manifest),
    inMemory('manifest.jws', Buffer.from(signature)),
    ...files.map(({ key, file: { name, bytes } }) => ({
      name,
      size: bytes,
      read: async () => (await storage.read(key)).body,
    })),
  ]
  return { name: `cadenza-${jobId}.zip`, userId: job.userId, open: () => zip(entries, job.requestedAt) }
}

function inMemory(name: string, content: Buffer): ZipEntry {
  return { name, size: content.length, read: async () => Readable.from([content]) }
}
