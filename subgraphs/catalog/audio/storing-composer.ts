import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectStorage } from '#shared/storage/storage.ts'
import type { Composer } from '../jobs/composing.ts'

/** A composer whose pieces go from its folder into a storage elsewhere. Of the same score the same files come again. */
export function createStoringComposer(composer: Composer, root: string, storage: ObjectStorage): Composer {
  return {
    async compose(score) {
      const asset = await composer.compose(score)
      for (const { path } of asset.renditions) await storage.putFile(path, join(root, path))
      await rm(join(root, asset.assetId), { recursive: true, force: true })
      return asset
    },
    close: () => composer.close(),
  }
}
