import type { Logger } from 'pino'
import type { Broker } from '../event-log.ts'
import { createKafka } from './client.ts'
import { createRelay } from './relay.ts'
import type { KafkaSecurity } from './security.ts'
import { createSubscription } from './subscription.ts'
import { createTopics } from './topics.ts'

export interface KafkaBrokerOptions {
  brokers: readonly string[]
  security?: KafkaSecurity | undefined
  databaseUrl: string
  logger: Logger
}

/** Kafka between the rooms: a topic a kind of event, named as the event is. No start waits for it. */
export function createKafkaBroker(options: KafkaBrokerOptions): Broker {
  const { brokers, security, databaseUrl, logger } = options
  const kafka = createKafka(brokers, logger, security)
  const kept = createTopics(kafka)
  return {
    createRelay: (room) => createRelay({ room, databaseUrl, kafka, kept, logger }),
    subscribe: (options) => createSubscription({ ...options, kafka, kept, logger }),
  }
}
