import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'

/** How many consumers of one name can share a topic; keys stay in order within one of them. */
const PARTITIONS = 6
/** The broker's own default. */
const REPLICAS = -1
/** New topics are not known everywhere at once, nor have they leaders. */
const PATIENCE = { retries: 8 }
const [TRIES, PAUSE_MS] = [50, 100]

/** The topics of a broker, for all who read and write there. */
export interface Topics {
  /** Resolves when all of them are there. */
  ensure(topics: readonly string[]): Promise<void>
  /** Has each topic looked for again: a broker that was away may have lost it. */
  forget(): void
}

/**
 * Makes topics that are not there, and looks for each once. They keep everything until the operator says otherwise: a consumer that is yet to come
 * still learns how everything is. Those that are asked for meanwhile are made together: a house that starts asks for all at once.
 */
export function createTopics(kafka: Kafka): Topics {
  const known = new Set<string>()
  const wanted = new Set<string>()
  let making: Promise<unknown> = Promise.resolve()
  let next: Promise<void> | null = null

  async function make(): Promise<void> {
    next = null
    const unknown = [...wanted].filter((topic) => !known.has(topic))
    wanted.clear()
    if (unknown.length === 0) return
    const admin = kafka.admin({ retry: PATIENCE })
    try {
      await admin.connect()
      const present = new Set(await admin.listTopics())
      const missing = unknown.filter((topic) => !present.has(topic))
      if (missing.length > 0) {
        await admin.createTopics({
          waitForLeaders: false, // it waits for leaders, but not for brokers that have not heard of a topic yet
          topics: missing.map((topic) => ({
            topic,
            numPartitions: PARTITIONS,
            replicationFactor: REPLICAS,
            configEntries: [{ name: 'retention.ms', value: '-1' }],
          })),
        })
        await untilKnown(admin, missing)
      }
      for (const topic of unknown) known.add(topic)
    } finally {
      await admin.disconnect()
    }
  }

  return {
    ensure(topics) {
      if (topics.every((topic) => known.has(topic))) return Promise.resolve()
      for (const topic of topics) wanted.add(topic)
      next ??= making.then(make)
      making = next.catch(() => undefined)
      return next
    },
    forget: () => known.clear(),
  }
}

async function untilKnown(admin: Admin, topics: string[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await admin.fetchTopicMetadata({ topics })
      return
    } catch (error) {
      if (tries === TRIES) throw error
      await sleep(PAUSE_MS)
    }
  }
}
