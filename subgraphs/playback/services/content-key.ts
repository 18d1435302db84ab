import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'
import type { Quality } from './quality.ts'

/** Which file a content key opens. */
export interface SealedFile {
  assetId: string
  quality: Quality
}

/** A content key as it lies in the database. */
export interface WrappedKey {
  kek: string
  wrapped: Uint8Array
}

/** Bytes of an AES-128 key. */
export const KEY_BYTES = 16

const NONCE = 12
const TAG = 16

/**
 * Wraps a content key with the ring's active key: nonce, AES-256-GCM, tag. The file's name goes into the tag, so that a row copied
 * to another file opens nothing.
 */
export function wrapKey(key: Buffer, file: SealedFile, ring: KeyRing): WrappedKey {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', kekOf(ring, ring.active), nonce).setAAD(nameOf(file))
  const sealed = Buffer.concat([cipher.update(key), cipher.final()])
  return { kek: ring.active, wrapped: Buffer.concat([nonce, sealed, cipher.getAuthTag()]) }
}

/** The content key again; throws for one that was altered, belongs to another file, or whose wrapping key has left the ring. */
export function unwrapKey({ kek, wrapped }: WrappedKey, file: SealedFile, ring: KeyRing): Buffer {
  const bytes = Buffer.from(wrapped)
  const decipher = createDecipheriv('aes-256-gcm', kekOf(ring, kek), bytes.subarray(0, NONCE))
    .setAAD(nameOf(file))
    .setAuthTag(bytes.subarray(-TAG))
  return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()])
}

function kekOf(ring: KeyRing, kek: string): Buffer {
  const key = ring.keys.get(kek)
  if (key?.length !== 32) throw new Error('A content key is wrapped with 32 bytes that the ring must hold')
  return key
}

function nameOf({ assetId, quality }: SealedFile): Buffer {
  return Buffer.from(`${assetId}/${quality}`)
}
