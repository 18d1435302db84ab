import { createBrokerConsumer } from './broker-consumer.ts'
import type { Consumer, ConsumerOptions } from './consumption.ts'
import { createOutboxConsumer } from './outbox-consumer.ts'
import { withoutErased } from './privacy/erased.ts'
import { createReplay } from './replay.ts'

export type { Consumer, ConsumerOptions } from './consumption.ts'

/**
 * Reads another room's events and has their effect exactly once, in order per key: inbox and effect commit together. An event
 * that fails alone three times goes to `dead_letter` with the reason, and the log moves on; what is asked for again from there is tried
 * again. From the source's outbox, or from a broker where the log has one: nothing else differs. Whom the room has erased, no event brings back.
 */
export function createConsumer(given: ConsumerOptions): Consumer {
  const { broker } = given.log
  const options: ConsumerOptions = {
    ...given,
    async apply(tx, events) {
      const known = await withoutErased(tx, events)
      if (known.length > 0) await given.apply(tx, known)
    },
  }
  const consumer =
    broker === undefined ? createOutboxConsumer(options) : createBrokerConsumer(options, broker)
  const replay = createReplay(options)
  return {
    start() {
      consumer.start()
      replay.start()
    },
    async stop() {
      await replay.stop()
      await consumer.stop()
    },
    caughtUp: () => consumer.caughtUp(),
  }
}
