import { PrismaClient as CatalogClient } from '../../catalog/generated/prisma/client.ts'
import { PrismaClient as UsersClient } from '../../users/generated/prisma/client.ts'
import { type Consumer, type ConsumerOptions, createConsumer } from '../consumer.ts'
import { roomAdapter, type SqlDatabase, type SqlExecutor } from '../database.ts'
import type { EventLog, LogEvent, Relay } from '../event-log.ts'
import { openLog } from '../open-log.ts'
import { createLogger } from '../telemetry.ts'
import { createTestDatabase } from './database.ts'

/** A log between two rooms: `writer` publishes to it as users, `reader` has the effects as catalog. */
export interface TestLog extends AsyncDisposable {
  url: string
  log: EventLog
  writer: SqlDatabase
  reader: SqlDatabase
  /** What carries the writer's events, not started, where something has to. */
  relay: Relay | undefined
  /** A running consumer of `TOPIC` that, unless told otherwise, appends to the table `effect`. */
  consume(options?: Partial<ConsumerOptions>): Consumer
  /** What the consumers have appended, in the order they did. */
  effects(): Promise<Effect[]>
}

export interface Effect {
  key: string
  n: number
}

export const TOPIC = 'users.account-changed.v1'

/** Through Kafka where there are brokers. */
export async function createTestLog(kafkaBrokers?: string): Promise<TestLog> {
  const database = await createTestDatabase()
  const writer = new UsersClient({ adapter: roomAdapter(database.url, 'users', 20) })
  const reader = new CatalogClient({ adapter: roomAdapter(database.url, 'catalog') })
  const logger = createLogger('test', 'silent')
  const log = await openLog({ databaseUrl: database.url, kafkaBrokers, logger })
  const relay = log.broker?.createRelay('users')
  const started: Consumer[] = []
  await reader.$executeRaw`
    CREATE TABLE effect (seq BIGINT GENERATED ALWAYS AS IDENTITY, key TEXT NOT NULL, n INTEGER NOT NULL)`

  return {
    url: database.url,
    log,
    writer,
    reader,
    relay,
    consume(options = {}) {
      const consumer = createConsumer({
        name: 'catalog.effects',
        source: 'users',
        topics: [TOPIC],
        log,
        db: reader,
        logger,
        apply: append,
        ...options,
      })
      started.push(consumer)
      consumer.start()
      return consumer
    },
    effects: () => Promise.resolve(reader.$queryRaw<Effect[]>`SELECT key, n FROM effect ORDER BY seq`),
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((consumer) => consumer.stop()))
      await relay?.stop()
      await log.close()
      await Promise.all([writer.$disconnect(), reader.$disconnect()])
      await database[Symbol.asyncDispose]()
    },
  }
}

/** The effect of a consumer under test: a row an event, in order. */
export async function append(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void> {
  const rows = JSON.stringify(events.map((event) => event.payload))
  await tx.$executeRaw`
    INSERT INTO effect (key, n)
    SELECT key, n FROM ROWS FROM (jsonb_to_recordset(${rows}::text::jsonb) AS (key text, n int)) WITH ORDINALITY
     ORDER BY ordinality`
}
