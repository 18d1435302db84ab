import type { KafkaMessage, Message } from 'kafkajs'
import type { DeliveredEvent } from '../event-log.ts'

/** A row of the outbox as the relay reads it: nothing in it has to be parsed to be sent. */
export interface OutboxRow {
  id: string
  topic: string
  key: string
  /** JSON text. */
  payload: string
  /** Milliseconds since 1970. */
  at: string
  xid: string
  seq: string
}

/** Key and payload as they are; what the inbox needs travels in headers, the time as the message's own. */
export function messageOf({ id, key, payload, at, xid, seq }: OutboxRow): Message {
  return { key, value: payload, timestamp: at, headers: { id, position: `${xid}.${seq}` } }
}

/**
 * The event that a message carries. One that carries none is told as well, with the reason and its bytes: whoever reads has to put it
 * somewhere, or would stand before it for ever.
 */
export function eventOf(topic: string, partition: number, message: KafkaMessage): DeliveredEvent {
  const { id, position = '' } = message.headers ?? {}
  const [xid = '', seq = ''] = position.toString().split('.')
  const event = {
    id: id?.toString() ?? `${topic}/${partition}/${message.offset}`,
    topic,
    key: message.key?.toString() ?? '',
    at: new Date(Number(message.timestamp)),
    position: /^\d+$/.test(xid) && /^\d+$/.test(seq) ? { xid, seq } : null,
  }
  const text = message.value?.toString() ?? ''
  try {
    if (id === undefined || event.position === null) throw new Error('no event: its headers are missing')
    return { ...event, payload: JSON.parse(text), fault: null }
  } catch (error) {
    const payload = { base64: message.value?.toString('base64') ?? '' }
    return { ...event, payload, fault: (error as Error).message }
  }
}
