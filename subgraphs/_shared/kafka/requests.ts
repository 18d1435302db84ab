import type { TopicMessages } from 'kafkajs'
import { messageOf, type OutboxRow } from './messages.ts'

/** What one request may hold: by default brokers refuse a batch of more than a mebibyte. */
export const MOST_BYTES = 768 * 1_024
/** Headers of a message, and what else surrounds key and value, rounded up. */
const AROUND_BYTES = 128

export function isTooLarge(row: OutboxRow): boolean {
  return bytesOf(row) > MOST_BYTES
}

/** Rows in the order they are, cut where a request would become too large; one that is too large by itself is alone. */
export function* parts(rows: readonly OutboxRow[]): Generator<OutboxRow[]> {
  let part: OutboxRow[] = []
  let bytes = 0
  for (const row of rows) {
    const size = bytesOf(row)
    if (part.length > 0 && bytes + size > MOST_BYTES) {
      yield part
      part = []
      bytes = 0
    }
    part.push(row)
    bytes += size
  }
  if (part.length > 0) yield part
}

export function byTopic(rows: readonly OutboxRow[]): TopicMessages[] {
  const topics = new Map<string, OutboxRow[]>()
  for (const row of rows) {
    const ofTopic = topics.get(row.topic)
    if (ofTopic === undefined) topics.set(row.topic, [row])
    else ofTopic.push(row)
  }
  return [...topics].map(([topic, ofTopic]) => ({ topic, messages: ofTopic.map(messageOf) }))
}

function bytesOf({ payload, key }: OutboxRow): number {
  return Buffer.byteLength(payload) + Buffer.byteLength(key) + AROUND_BYTES
}
