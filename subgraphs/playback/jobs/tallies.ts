import type { Logger } from 'pino'
import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { EventLog } from '#shared/event-log.ts'
import { ERASED_USER } from '#shared/privacy/erased.ts'
import { changesOf } from '../analytics/counting.ts'
import { addChanges } from '../analytics/tally-store.ts'
import { PLAY_COUNTED, PLAY_UNCOUNTED, playDecided } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/**
 * Keeps the tallies of plays from this room's own log: each play that counts is one more, each that counts no longer one less. Sums, so
 * that late news and news in another order come to the same; had once each, by the inbox.
 */
export function createTallies(db: PrismaClient, log: EventLog, logger: Logger): Consumer {
  return createConsumer({
    name: 'playback.tallies',
    source: 'playback',
    topics: [PLAY_COUNTED, PLAY_UNCOUNTED],
    log,
    db,
    logger,
    async apply(tx, events) {
      const changes = events.map(({ topic, payload }) => {
        const { userId, ...play } = playDecided.parse(payload)
        // Who is erased is not one person more.
        return {
          ...play,
          by: topic === PLAY_COUNTED ? 1 : -1,
          userId: userId === ERASED_USER ? null : userId,
        } as const
      })
      await addChanges(tx, changesOf(changes))
    },
  })
}
