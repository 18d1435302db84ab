import { type Consumer, createConsumer } from '#shared/consumer.ts'
import type { RoomDependencies } from '#shared/room.ts'
import { AUDIO_REQUESTED, audioRequested } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { requestAudio } from '../services/audio-jobs.ts'

/** Hears which tracks and episodes somebody wants to play, and puts those that can be composed in the queue. */
export function createAudioRequestsConsumer(
  deps: Pick<RoomDependencies, 'log' | 'logger'>,
  db: PrismaClient,
  onRequest: () => void,
): Consumer {
  return createConsumer({
    name: 'catalog.audio-requests',
    source: 'playback',
    topics: [AUDIO_REQUESTED],
    log: deps.log,
    logger: deps.logger,
    db,
    async apply(tx, events) {
      await requestAudio(tx, [
        ...new Set(events.map(({ payload }) => audioRequested.parse(payload).playableId)),
      ])
      onRequest()
    },
  })
}
