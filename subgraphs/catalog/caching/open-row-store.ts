import type { RoomDependencies } from '#shared/room.ts'
import { createMemoryStore } from './memory-store.ts'
import { createRedisStore } from './redis-store.ts'
import type { RowStore } from './row-store.ts'

/** In Redis where there is one, for all processes; else each has its own. */
export function openRowStore({ redisUrl, logger }: Pick<RoomDependencies, 'redisUrl' | 'logger'>): RowStore {
  return redisUrl === undefined ? createMemoryStore() : createRedisStore(redisUrl.split(','), logger)
}
