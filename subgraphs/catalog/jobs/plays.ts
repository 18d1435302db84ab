import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { RoomDependencies } from '#shared/room.ts'
import { PLAY_COUNTED, PLAY_UNCOUNTED, playCounted } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { recordPlays } from '../services/search/tastes.ts'

/** Learns from what listeners play what they are drawn to when they search. */
export function createPlaysConsumer(
  deps: Pick<RoomDependencies, 'log' | 'logger'>,
  db: PrismaClient,
): Consumer {
  return createConsumer({
    name: 'catalog.plays',
    source: 'playback',
    topics: [PLAY_COUNTED, PLAY_UNCOUNTED],
    log: deps.log,
    logger: deps.logger,
    db,
    apply: (tx, events) =>
      recordPlays(
        tx,
        events.map(({ topic, payload }) => ({
          ...playCounted.parse(payload),
          by: topic === PLAY_COUNTED ? 1 : -1,
        })),
      ),
  })
}
