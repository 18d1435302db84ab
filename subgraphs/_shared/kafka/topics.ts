import type { Kafka } from 'kafkajs'

/** How many consumers of one name can share a topic; keys stay in order within one of them. */
const PARTITIONS = 6
/** The broker's own default. */
const REPLICAS = -1

/**
 * Makes topics that are not there, and looks for each once. They keep everything until the operator says otherwise: a consumer that is yet to come
 * still learns how everything is.
 */
export function createTopics(kafka: Kafka): (topics: readonly string[]) => Promise<void> {
  const known = new Set<string>()
  return async (topics) => {
    const unknown = [...new Set(topics)].filter((topic) => !known.has(topic))
    if (unknown.length === 0) return
    const admin = kafka.admin()
    try {
      await admin.connect()
      const present = new Set(await admin.listTopics())
      const missing = unknown.filter((topic) => !present.has(topic))
      if (missing.length > 0)
        await admin.createTopics({
          waitForLeaders: true,
          topics: missing.map((topic) => ({
            topic,
            numPartitions: PARTITIONS,
            replicationFactor: REPLICAS,
            configEntries: [{ name: 'retention.ms', value: '-1' }],
          })),
        })
      for (const topic of unknown) known.add(topic)
    } finally {
      await admin.disconnect()
    }
  }
}
