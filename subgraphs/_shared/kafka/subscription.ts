import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Consumer, type EachBatchPayload, type Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import type { Subscription, SubscriptionOptions } from '../event-log.ts'
import { consumerRestarts } from '../telemetry.ts'
import { createGroupLag } from './group-lag.ts'
import { eventOf } from './messages.ts'
import type { Topics } from './topics.ts'

// CommonJS whose exports are spread: Node does not see this one by its name.
const { KafkaJSError } = kafkajs

export interface KafkaSubscriptionOptions extends SubscriptionOptions {
  kafka: Kafka
  /** Of the broker, those of this subscription among them. */
  kept: Topics
  logger: Logger
}

/** Events that have their effect in one transaction. */
const BATCH = 500
const SESSION_MS = 20_000
const PAUSE_MS = 1_000
const LOOK_MS = 1_000
/** kafkajs may hang in a disconnect whose other side is gone. */
const FAREWELL_MS = 5_000

/**
 * Reads topics as one of a group. kafkajs is trusted with nothing but bytes: whatever it does not survive, and whenever it falls silent, it
 * is thrown away and another one made, within 30 s. Offsets are committed after the effects; what comes again finds its ids in the inbox.
 */
export function createSubscription(options: KafkaSubscriptionOptions): Subscription {
  const { name, topics, have, silenceMs, kafka, kept, logger } = options
  const groupId = `cadenza.${name}`
  const lag = createGroupLag(kafka, groupId, topics)
  const stopping = new AbortController()
  const isStopping = (): boolean => stopping.signal.aborted
  let isAway = false
  let seen = Date.now()

  async function onBatch(payload: EachBatchPayload, isCurrent: () => boolean): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload
    // The group's leader hands out the topics that it reads itself, also to members that never asked for one of them.
    if (!topics.includes(batch.topic)) return
    const stillMine = async (): Promise<boolean> => {
      seen = Date.now()
      await heartbeat()
      return isCurrent() && isRunning() && !isStale()
    }
    for (let from = 0; from < batch.messages.length; from += BATCH) {
      const messages = batch.messages.slice(from, from + BATCH)
      const events = messages.map((message) => eventOf(batch.topic, batch.partition, message))
      if (!(await untilHad(events, stillMine))) return
      resolveOffset(messages.at(-1)?.offset ?? batch.lastOffset())
    }
  }

  /** Tries until the events had their effect; false when they are another process's by now. */
  async function untilHad(
    events: Parameters<typeof have>[0],
    stillMine: () => Promise<boolean>,
  ): Promise<boolean> {
    while (await stillMine()) {
      try {
        await have(events, stillMine)
        return true
      } catch (error) {
        if (isStopping()) return false
        if (error instanceof KafkaJSError) throw error // of the group: kafkajs knows what to do
        logger.error({ consumer: name, err: error }, 'effects cannot be written, and are tried again')
        await rest(PAUSE_MS)
      }
    }
    return false
  }

  /** Runs one consumer of kafkajs until it is over, and says why. */
  async function life(): Promise<string> {
    await kept.ensure(topics)
    const consumer = kafka.consumer({
      groupId,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: SESSION_MS / 10,
      rebalanceTimeout: SESSION_MS,
      maxWaitTimeInMs: 1_000,
      allowAutoTopicCreation: false,
    })
    let end = ''
    const over = deathOf(consumer, (why) => {
      end = why
    })
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [...topics], fromBeginning: true })
      await consumer.run({
        eachBatchAutoResolve: false,
        eachBatch: (payload) => onBatch(payload, () => end === '' && !isStopping()),
      })
      isAway = false
      seen = Date.now()
      while (end === '' && !isStopping()) {
        await rest(LOOK_MS)
        if (Date.now() - seen > silenceMs) end = 'it fell silent'
      }
      return end
    } finally {
      over()
      await Promise.race([
        consumer.disconnect().catch(() => undefined),
        sleep(FAREWELL_MS, undefined, { ref: false }),
      ])
    }
  }

  function deathOf(consumer: Consumer, tell: (why: string) => void): () => void {
    const { FETCH, HEARTBEAT, CRASH, STOP } = consumer.events
    const sign = (): void => {
      seen = Date.now()
    }
    const listeners = [
      consumer.on(FETCH, sign),
      consumer.on(HEARTBEAT, sign),
      consumer.on(CRASH, ({ payload }) => tell(payload.error.message)),
      consumer.on(STOP, () => tell('it stopped')), // before the crash that it may be part of,
    ]
    return () => {
      for (const leave of listeners) leave()
    }
  }

  async function run(): Promise<void> {
    while (!isStopping()) {
      const why = await life().catch((error: Error) => error.message)
      if (isStopping()) return
      consumerRestarts.inc({ consumer: name })
      kept.forget()
      // A broker that is away is said once.
      logger[isAway ? 'debug' : 'warn']({ consumer: name, why }, 'the consumer is over, and started again')
      isAway = true
      await rest(PAUSE_MS)
    }
  }

  async function rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined)
  }

  const running = run()
  return {
    lag: lag.read,
    async stop() {
      stopping.abort()
      await running
      await lag.close()
    },
  }
}
