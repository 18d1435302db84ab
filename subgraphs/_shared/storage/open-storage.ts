import { join } from 'node:path'
import { z } from 'zod'
import { readSecret } from '../secrets.ts'
import { createFileStorage } from './file-storage.ts'
import type { S3Settings } from './s3-storage.ts'
import { createScratch, type Scratch } from './scratch.ts'
import type { ObjectStorage } from './storage.ts'

/** `S3_*`, all or none of the first three: without them everything is stored under the home. */
export const storageSettings = {
  S3_BUCKET: z.string().min(3).optional(),
  S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  S3_REGION: z.string().min(1).default('us-east-1'),
}

const shape = z.object(storageSettings)

/** The bucket that the settings name, or undefined. Throws when they name half a bucket. */
export function s3Of(settings: Readonly<z.infer<typeof shape>>): S3Settings | undefined {
  const { S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_ENDPOINT, S3_REGION } = settings
  const needed = [S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY]
  if (needed.every((one) => one === undefined)) return undefined
  if (S3_BUCKET === undefined || S3_ACCESS_KEY_ID === undefined || S3_SECRET_ACCESS_KEY === undefined)
    throw new Error('S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY come together, or not at all')
  return {
    endpoint: S3_ENDPOINT ?? null,
    region: S3_REGION,
    bucket: S3_BUCKET,
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
  }
}

/** Where work in progress lies: on the file system of what is stored under the home. */
export function openScratch(home: string): Scratch {
  return createScratch(join(home, 'scratch'))
}

/** The storage of an installation: the bucket where there is one, else the folder `audio` of the home. */
export async function openStorage(deps: {
  home: string
  publicUrl: string
  s3?: S3Settings | undefined
}): Promise<ObjectStorage> {
  const { home, publicUrl, s3 } = deps
  // Amazon's library is half a second of starting: for those who use it.
  if (s3 !== undefined) return (await import('./s3-storage.ts')).createS3Storage(s3)
  const secret = await readSecret(home, 'uploads')
  return createFileStorage({ folder: join(home, 'audio'), scratch: openScratch(home), secret, publicUrl })
}
