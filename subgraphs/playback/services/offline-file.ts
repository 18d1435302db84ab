import { createCipheriv, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const IV_BYTES = 16

/**
 * Writes what a device stores: an initialisation vector of 16 random bytes, then the whole recording under AES-128-CBC with the device's
 * key. One call of WebCrypto opens it. A file is written as it is read, however long it is; returns its bytes.
 */
export async function writeOfflineFile(clear: Readable, key: Buffer, path: string): Promise<number> {
  const iv = randomBytes(IV_BYTES)
  const file = createWriteStream(path)
  file.write(iv)
  await pipeline(clear, createCipheriv('aes-128-cbc', key, iv), file)
  return (await stat(path)).size
}
