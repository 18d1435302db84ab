import { ObjectMissing, type ObjectStorage } from '#shared/storage/storage.ts'
import type { AudioAsset, Rendition } from './audio-asset.ts'
import type { AudioFile } from './audio-response.ts'
import type { ByteRange } from './byte-range.ts'
import type { ContentKeys } from './content-keys.ts'
import { previewOf } from './preview.ts'
import { isSealed, sealedBytes, sealedLayout } from './sealing.ts'
import type { Presentation } from './stream-token.ts'

/** Worked out once for each rendition in memory: two hours of segments are work, and are the same for every request. */
const layouts: Record<Presentation, WeakMap<Rendition, Rendition>> = {
  FULL: new WeakMap(),
  PREVIEW: new WeakMap(),
}

/** The rendition as players see it: cut to a preview, encrypted, or as it was packaged. */
export function servedLayout(packaged: Rendition, presentation: Presentation): Rendition {
  const known = layouts[presentation].get(packaged)
  if (known !== undefined) return known
  const cut = presentation === 'PREVIEW' ? previewOf(packaged) : packaged
  const layout = isSealed(cut.quality) ? sealedLayout(cut) : cut
  layouts[presentation].set(packaged, layout)
  return layout
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

  async function readClear(range: ByteRange): Promise<AsyncIterableIterator<Buffer>> {
    const { bytes, pieces } = await storage.readPieces(path, range)
    try {
      checkWhole(bytes)
      return pieces
    } catch (error) {
      await pieces.return?.()
      throw error
    }
  }

  async function readSealed(range: ByteRange): Promise<AsyncIterableIterator<Buffer>> {
    const key = await contentKeys.find({ assetId, quality })
    const cut = presentation === 'PREVIEW' ? previewOf(packaged) : packaged
    return sealedBytes(cut, key, range, readClear)
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
