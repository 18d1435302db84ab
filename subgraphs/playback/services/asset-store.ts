import { LRUCache } from 'lru-cache'
import type { SqlExecutor } from '#shared/database.ts'
import { type AudioAsset, audioAssetSchema } from './audio-asset.ts'

/** Packaged assets by id. They never change, so those in demand stay in memory. */
export interface AssetStore {
  find(assetId: string): Promise<AudioAsset | null>
}

export function createAssetStore(db: SqlExecutor): AssetStore {
  const known = new LRUCache<string, AudioAsset>({ max: 2_000 })

  return {
    async find(assetId) {
      const asset = known.get(assetId)
      if (asset !== undefined) return asset
      const [row] = await db.$queryRaw<{ asset: unknown }[]>`
        SELECT asset FROM audio_asset WHERE asset_id = ${assetId} LIMIT 1`
      if (row === undefined) return null
      const found = audioAssetSchema.parse(row.asset)
      known.set(assetId, found)
      return found
    },
  }
}
