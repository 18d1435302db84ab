import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { fromBufferPromise } from 'yauzl'

/** The files of an archive by name. Throws for one whose size or checksum is wrong. */
export async function unzip(archive: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const zipFile = await fromBufferPromise(archive)
  for await (const entry of zipFile.eachEntry()) {
    const content = await buffer(await zipFile.openReadStreamPromise(entry))
    if (crc32(content) !== entry.crc32) throw new Error(`${entry.fileName} is not what was packed`)
    files.set(entry.fileName, content)
  }
  return files
}
