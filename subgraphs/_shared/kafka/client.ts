import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import type { Logger } from 'pino'
import type { KafkaSecurity } from './security.ts'

/**
 * kafkajs with short patience of its own: it gives an attempt up soon and never starts anything again by itself, so that one loop of ours
 * sees every failure, decides, and says so once: what kafkajs has to say of each attempt is for those who look for it.
 */
export function createKafka(brokers: readonly string[], logger: Logger, security?: KafkaSecurity): Kafka {
  return new Kafka({
    clientId: 'cadenza',
    brokers: [...brokers],
    ...security,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: {
      retries: 2,
      initialRetryTime: 200,
      maxRetryTime: 2_000,
      restartOnFailure: () => Promise.resolve(false),
    },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ log: { message, timestamp, logger: _, ...fields } }) =>
        logger.debug(fields, `Kafka: ${message}`),
  })
}

/** Keys go to the partition that every other client of Kafka would choose. Topics are made on purpose only. */
export function createProducer(kafka: Kafka): Producer {
  return kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false })
}
