import { Readable } from 'node:stream'
import { ObjectMissing, type ObjectStorage } from '#shared/storage/storage.ts'
import type { AudioAsset, Rendition } from './audio-asset.ts'
import type { AudioFile } from './audio-response.ts'
import type { ByteRange } from './byte-range.ts'
import type { ContentKeys } from './content-keys.ts'
import { previewOf } from './preview.ts'
import { isSealed, sealedBytes, sealedLayout } from './sealing.ts'
import type { Presentation } from './stream-token.ts'

/** The rendition as players see it: cut to a preview, encrypted, or as it was packaged. */
export function servedLayout(packaged: Rendition, presentation: Presentation): Rendition {
  const cut = presentation === 'PREVIEW' ? previewOf(packaged) : packaged
  return isSealed(cut.quality) ? sealedLayout(cut) : cut
}

/** The file of a rendition as players see it, over what lies in the storage. */
export function servedFile(
  { assetId }: AudioAsset,
  packaged: Rendition,
  presentation: Presentation,
  { storage, contentKeys }: { storage: ObjectStorage; contentKeys: ContentKeys },
): AudioFile {
  const { path, quality } = packaged
  const { bytes: size } = servedLayout(packaged, presentation)
  const name = `${assetId}-${quality.toLowerCase()}-${size}`

  function checkWhole(found: number | undefined): void {
    if (found === undefined) throw new ObjectMissing(path)
    if (found !== packaged.bytes) throw new Error(`${path} has ${found} bytes instead of ${packaged.bytes}`)
  }

  async function readClear(range: ByteRange): Promise<Readable> {
    const { bytes, body } = await storage.read(path, range)
    try {
      checkWhole(bytes)
      return body
    } catch (error) {
      body.destroy()
      throw error
    }
  }

  async function readSealed(range: ByteRange): Promise<Readable> {
    const key = await contentKeys.find({ assetId, quality })
    const cut = presentation === 'PREVIEW' ? previewOf(packaged) : packaged
    const bytes = sealedBytes(cut, key, range, readClear)
    const first = await bytes.next() // what is not there is found out before anything is sent
    return Readable.from(first.done === true ? [] : following(first.value, bytes), { objectMode: false })
  }

  return {
    size,
    etag: isSealed(quality) ? `"${name}-aes"` : `"${name}"`,
    read: isSealed(quality) ? readSealed : readClear,
    async check() {
      checkWhole((await storage.find(path))?.bytes)
    },
  }
}

async function* following(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first
    yield* rest
  } finally {
    await rest.return(undefined) // the client may leave before the second piece: nothing stays open behind it
  }
}
