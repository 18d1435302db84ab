import { createConsumer } from '#shared/consumer.ts'
import { roomAdapter } from '#shared/database.ts'
import { openLog } from '#shared/open-log.ts'
import { publish } from '#shared/outbox.ts'
import { createLogger } from '#shared/telemetry.ts'
import { append } from '#shared/testing/log.ts'
import { PrismaClient as CatalogClient } from '../../../subgraphs/catalog/generated/prisma/client.ts'
import { PrismaClient as UsersClient } from '../../../subgraphs/users/generated/prisma/client.ts'
import { type Figure, report } from '../report.ts'
import { type LogHouse, openLogHouse } from './house.ts'

const EVENTS = 10_000
const EVERY = 100
const PAGE = 1_000

/** `npm run bench -- poison`: of 10,000 events each hundredth cannot have its effect; how long until nothing is behind, by either log. */
export async function run(): Promise<void> {
  await using house = await openLogHouse()
  report('poison: 100 of 10,000 events', [
    ...(await drain(house, 'outbox', undefined)),
    ...(await drain(house, 'Kafka', house.kafka.brokers)),
  ])
}

async function drain({ databaseUrl }: LogHouse, by: string, kafkaBrokers?: string): Promise<Figure[]> {
  const logger = createLogger('bench', 'silent')
  const log = await openLog({ databaseUrl, kafkaBrokers, logger })
  const writer = new UsersClient({ adapter: roomAdapter(databaseUrl, 'users') })
  const reader = new CatalogClient({ adapter: roomAdapter(databaseUrl, 'catalog') })
  await reader.$executeRaw`DROP TABLE IF EXISTS effect`
  await reader.$executeRaw`
    CREATE TABLE effect (seq BIGINT GENERATED ALWAYS AS IDENTITY, key TEXT NOT NULL, n INTEGER NOT NULL)`
  await reader.$executeRaw`TRUNCATE dead_letter`
  const topic = `users.poison-${by.toLowerCase()}.v1`
  const keys = Array.from({ length: EVENTS }, (_, n) =>
    n % EVERY === EVERY / 2 ? `poison ${n}` : `key ${n % 50}`,
  )
  for (let from = 0; from < EVENTS; from += PAGE)
    await writer.$transaction((tx) =>
      publish(
        tx,
        keys
          .slice(from, from + PAGE)
          .map((key, index) => ({ topic, key, payload: { key, n: from + index } })),
      ),
    )
  const relay = log.broker?.createRelay('users')
  const consumer = createConsumer({
    name: `catalog.${by.toLowerCase()}`,
    source: 'users',
    topics: [topic],
    log,
    db: reader,
    logger,
    async apply(tx, events) {
      const poison = events.find(({ key }) => key.startsWith('poison'))
      if (poison !== undefined) throw new Error(`cannot take ${poison.key}`)
      await append(tx, events)
    },
  })
  const begun = performance.now()
  relay?.start()
  consumer.start()
  await relay?.caughtUp()
  await consumer.caughtUp()
  const seconds = (performance.now() - begun) / 1_000
  const [counts = { applied: 0, aside: 0, reasons: 0 }] = await reader.$queryRaw<
    { applied: number; aside: number; reasons: number }[]
  >`SELECT (SELECT count(*)::int FROM effect) AS applied, count(*)::int AS aside, count(DISTINCT reason)::int AS reasons
      FROM dead_letter`
  await consumer.stop()
  await relay?.stop()
  await log.close()
  await Promise.all([writer.$disconnect(), reader.$disconnect()])
  return [
    { what: `${by}: applied`, value: counts.applied, unit: '' },
    { what: `${by}: set aside`, value: counts.aside, unit: '' },
    { what: `${by}: different reasons`, value: counts.reasons, unit: '' },
    { what: `${by}: nothing behind after`, value: seconds, unit: 's' },
  ]
}
