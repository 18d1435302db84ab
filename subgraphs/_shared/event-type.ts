import type { z } from 'zod'
import type { OutboxEvent } from './outbox.ts'

const TOPIC = /^[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9]\d*$/

/**
 * A kind of event as the room that says it promises it. A payload that does not keep the promise throws a ZodError before anything is
 * written. What would break those who read it is another version, said beside the one before for as long as that is read.
 */
export function eventType<Schema extends z.ZodObject>(
  topic: string,
  schema: Schema,
): (key: string, payload: z.input<Schema>) => OutboxEvent {
  if (!TOPIC.test(topic)) throw new Error(`Not <room>.<thing>-<past-verb>.v<version>: ${topic}`)
  return (key, payload) => {
    schema.parse(payload)
    return { topic, key, payload }
  }
}
