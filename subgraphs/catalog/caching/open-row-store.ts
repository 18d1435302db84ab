import type { RoomDependencies } from '#shared/room.ts'
import type { CatalogSettings } from '../config.ts'
import { createMemoryStore } from './memory-store.ts'
import { createRedisStore } from './redis-store.ts'
import type { RowStore } from './row-store.ts'

/** In Redis where there is one, for all processes; else each has its own. */
export function openRowStore(
  { redisUrl, logger }: Pick<RoomDependencies, 'redisUrl' | 'logger'>,
  { CADENZA_CATALOG_CACHE_MB }: CatalogSettings,
): RowStore {
  return redisUrl === undefined
    ? createMemoryStore(CADENZA_CATALOG_CACHE_MB * 2 ** 20)
    : createRedisStore(redisUrl.split(','), logger)
}
