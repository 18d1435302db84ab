import type { Logger } from 'pino'
import type { Broker } from '../event-log.ts'
import { createKafka } from './client.ts'
import { createRelay } from './relay.ts'
import { createSubscription } from './subscription.ts'

export interface KafkaBrokerOptions {
  brokers: readonly string[]
  databaseUrl: string
  logger: Logger
}

/** Kafka between the rooms: a topic a kind of event, named as the event is. No start waits for it. */
export function createKafkaBroker({ brokers, databaseUrl, logger }: KafkaBrokerOptions): Broker {
  const kafka = createKafka(brokers, logger)
  return {
    createRelay: (room) => createRelay({ room, databaseUrl, kafka, logger }),
    subscribe: (options) => createSubscription({ ...options, kafka, logger }),
  }
}
