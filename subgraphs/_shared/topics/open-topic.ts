import type { RoomDependencies } from '../room.ts'
import type { HintTopic } from './hint-topic.ts'
import { createPostgresTopic } from './postgres-topic.ts'
import { createRedisTopic } from './redis-topic.ts'

/** The hints of one room: by Redis where there is one, else by the database. */
export async function openTopic(
  { databaseUrl, redisUrl, logger }: Pick<RoomDependencies, 'databaseUrl' | 'redisUrl' | 'logger'>,
  name: string,
): Promise<HintTopic> {
  return redisUrl === undefined
    ? createPostgresTopic(databaseUrl, name)
    : createRedisTopic(redisUrl.split(','), name, logger)
}
