import type { Logger } from 'pino'
import { createEmbeddedLog, type EventLog } from './event-log.ts'
import { createKafkaBroker } from './kafka/broker.ts'
import type { KafkaSecurity } from './kafka/security.ts'

export interface OpenLogOptions {
  databaseUrl: string
  /** `host:port` with commas between them; without any the outboxes are read where they are. */
  kafkaBrokers?: string | undefined
  kafkaSecurity?: KafkaSecurity | undefined
  logger: Logger
}

export async function openLog(options: OpenLogOptions): Promise<EventLog> {
  const { databaseUrl, kafkaBrokers, kafkaSecurity, logger } = options
  const log = await createEmbeddedLog(databaseUrl)
  if (kafkaBrokers === undefined) return log
  const brokers = kafkaBrokers.split(',')
  const broker = createKafkaBroker({ brokers, security: kafkaSecurity, databaseUrl, logger })
  return { ...log, broker }
}

/** Carries what these rooms say to where others read it, if that has to be done; returns the way to stop. */
export function startRelays(log: EventLog, rooms: readonly string[]): () => Promise<void> {
  const relays = rooms.flatMap((room) => log.broker?.createRelay(room) ?? [])
  for (const relay of relays) relay.start()
  return async () => {
    await Promise.all(relays.map((relay) => relay.stop()))
  }
}
