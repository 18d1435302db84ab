import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { checkKey, ObjectMissing, type ObjectStorage } from './storage.ts'

/** A bucket of anything that speaks S3, and who we are to it. */
export interface S3Settings {
  /** The server's address; null for Amazon's own. */
  endpoint: string | null
  region: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
}

const CONNECT_MS = 2_000
const SILENCE_MS = 30_000

/** Types as a CDN in front of the bucket has to know them. Nothing here ever changes under its key. */
const TYPES: Readonly<Record<string, string>> = {
  mp4: 'audio/mp4',
  json: 'application/json',
  jpg: 'image/jpeg',
  png: 'image/png',
}

export function createS3Storage(settings: S3Settings): ObjectStorage {
  const { endpoint, region, bucket: Bucket, accessKeyId, secretAccessKey } = settings
  const client = new S3Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    ...(endpoint !== null && { endpoint, forcePathStyle: true }),
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
    // The checksums the SDK adds of itself are Amazon's alone: other servers refuse them, or store them as part of the object.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const put = async (key: string, Body: Uint8Array | Readable, bytes: number): Promise<void> => {
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: checkKey(key),
        Body,
        ContentLength: bytes,
        ContentType: TYPES[key.slice(key.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
        CacheControl: 'public, max-age=31536000, immutable',
      }),
    )
  }

  const read: ObjectStorage['read'] = async (key, range) => {
    const Range = range && `bytes=${range.first}-${range.last}`
    const { Body, ContentLength, ContentRange } = await client
      .send(new GetObjectCommand({ Bucket, Key: checkKey(key), ...(Range && { Range }) }))
      .catch((error: unknown) => {
        throw isMissing(error) ? new ObjectMissing(key) : error
      })
    const whole = ContentRange === undefined ? ContentLength : Number(ContentRange.split('/')[1])
    return { bytes: whole ?? 0, body: Body as Readable }
  }

  return {
    handler: null,
    put: (key, bytes) => put(key, bytes, bytes.length),
    async putFile(key, path) {
      const { size } = await stat(path)
      await put(key, createReadStream(path), size)
      await rm(path)
    },
    async find(key) {
      const head = await client
        .send(new HeadObjectCommand({ Bucket, Key: checkKey(key) }))
        .catch((error: unknown) => {
          if (isMissing(error)) return null
          throw error
        })
      return head === null ? null : { key, bytes: head.ContentLength ?? 0 }
    },
    read,
    async readPieces(key, range) {
      const { bytes, body } = await read(key, range)
      return { bytes, pieces: piecesOf(body) }
    },
    async *list(prefix) {
      let ContinuationToken: string | undefined
      do {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix: prefix,
            ...(ContinuationToken && { ContinuationToken }),
          }),
        )
        for (const { Key, Size } of page.Contents ?? [])
          if (Key !== undefined) yield { key: Key, bytes: Size ?? 0 }
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken !== undefined)
    },
    async delete(keys) {
      // One by one: what deletes many in one request needs a checksum that not every server knows.
      for (const key of keys) await client.send(new DeleteObjectCommand({ Bucket, Key: checkKey(key) }))
    },
    presignPut(key, { bytes, expiresAt }) {
      const command = new PutObjectCommand({ Bucket, Key: checkKey(key), ContentLength: bytes })
      return getSignedUrl(client, command, {
        expiresIn: Math.max(1, Math.floor((expiresAt.getTime() - Date.now()) / 1_000)),
        // In the signature and not in the address: whoever sends more or less has signed something else.
        signableHeaders: new Set(['content-length', 'host']),
        unhoistableHeaders: new Set(['content-length']),
      })
    },
    async close() {
      client.destroy()
    },
  }
}

/** A stream's own iterator, returned before it began, would leave the connection open. */
function piecesOf(body: Readable): AsyncIterableIterator<Buffer> {
  const inner: AsyncIterator<Buffer> = body[Symbol.asyncIterator]()
  let isOver = false
  const pieces: AsyncIterableIterator<Buffer> = {
    next: async () => (isOver ? { done: true, value: undefined } : inner.next()),
    async return() {
      isOver = true
      body.destroy()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => pieces,
  }
  return pieces
}

function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } }
  return name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404
}
