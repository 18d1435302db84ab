import type { Admin, Kafka } from 'kafkajs'

/** How many messages of its topics a group has not committed yet. */
interface GroupLag {
  read(): Promise<number>
  close(): Promise<void>
}

export function createGroupLag(kafka: Kafka, groupId: string, topics: readonly string[]): GroupLag {
  let connection: Promise<Admin> | null = null

  async function connect(): Promise<Admin> {
    const admin = kafka.admin()
    await admin.connect()
    return admin
  }

  async function close(): Promise<void> {
    const admin = await connection?.catch(() => undefined)
    connection = null
    await admin?.disconnect().catch(() => undefined)
  }

  async function count(): Promise<number> {
    connection ??= connect()
    const admin = await connection
    // Committed first: what is committed in between makes the answer larger, never smaller.
    const committed = await admin.fetchOffsets({ groupId, topics: [...topics] })
    let lag = 0
    for (const { topic, partitions } of committed) {
      const had = new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]))
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic))
        lag += Number(high) - Math.max(Number(low), had.get(partition) ?? -1)
    }
    return lag
  }

  return {
    async read() {
      try {
        return await count()
      } catch (error) {
        await close()
        throw error
      }
    },
    close,
  }
}
