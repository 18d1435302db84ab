import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createConsumer } from '#shared/consumer.ts'
import { roomAdapter } from '#shared/database.ts'
import { openLog } from '#shared/open-log.ts'
import { publish } from '#shared/outbox.ts'
import { createLogger } from '#shared/telemetry.ts'
import { append } from '#shared/testing/log.ts'
import { PrismaClient as CatalogClient } from '../../../subgraphs/catalog/generated/prisma/client.ts'
import { PATIENCE } from '../../../subgraphs/playlists/services/lock.ts'
import { PrismaClient as UsersClient } from '../../../subgraphs/users/generated/prisma/client.ts'
import { showProgress } from '../progress.ts'
import { percentile, report } from '../report.ts'
import { openLogHouse } from './house.ts'

const A_SECOND = 100
const KEYS = 200
const TOPIC = 'users.account-changed.v1'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** `npm run bench -- outage [minutes]`: Kafka is refused for so long at 100 events a second; then it is back, and all is to arrive once. */
export async function run([count = '10']: readonly string[]): Promise<void> {
  const minutes = Number(count)
  await using house = await openLogHouse()
  const { databaseUrl, kafka } = house
  const logger = createLogger('bench', 'fatal')
  const log = await openLog({ databaseUrl, kafkaBrokers: kafka.brokers, logger })
  const writer = new UsersClient({ adapter: roomAdapter(databaseUrl, 'users') })
  const reader = new CatalogClient({ adapter: roomAdapter(databaseUrl, 'catalog') })
  await reader.$executeRaw`
    CREATE TABLE effect (seq BIGINT GENERATED ALWAYS AS IDENTITY, key TEXT NOT NULL, n INTEGER NOT NULL)`
  const relay = log.broker?.createRelay('users')
  const consumer = createConsumer({
    name: 'catalog.effects',
    source: 'users',
    topics: [TOPIC],
    log,
    db: reader,
    logger,
    apply: append,
  })
  relay?.start()
  consumer.start()
  let said = 0
  const say = async (): Promise<void> => {
    const n = said++
    const key = `user_${n % KEYS}`
    await writer.$transaction((tx) => publish(tx, [{ topic: TOPIC, key, payload: { key, n } }]), PATIENCE)
  }
  await say()
  await relay?.caughtUp()
  await consumer.caughtUp()

  await kafka.kill()
  const waits: number[] = []
  const memory: number[] = []
  const held = { early: 0, back: 0, end: 0 }
  let refused = 0
  const reasons = new Set<string>()
  const begun = performance.now()
  for (let tick = 0; tick < minutes * 60 * A_SECOND; tick++) {
    await sleep(begun + (tick * 1_000) / A_SECOND - performance.now())
    const from = performance.now()
    void say().then(
      () => waits.push(performance.now() - from),
      (error: Error) => {
        refused++
        reasons.add(error.message.trim().split('\n').at(-1) ?? '')
      },
    )
    if (tick === Math.min(60, minutes * 30) * A_SECOND) held.early = heldMb()
    if (tick % (10 * A_SECOND) === 0) {
      memory.push(process.memoryUsage().rss / 2 ** 20)
      showProgress('Seconds', tick / A_SECOND, minutes * 60)
    }
  }
  while (waits.length + refused < said - 1) await sleep(100)
  held.back = heldMb()
  await kafka.start()
  const back = performance.now()
  await relay?.caughtUp()
  const relayed = performance.now()
  await untilHad()
  const had = performance.now()
  const [{ rows, different } = { rows: 0, different: 0 }] = await reader.$queryRaw<
    { rows: number; different: number }[]
  >`SELECT count(*)::int AS rows, count(DISTINCT n)::int AS different FROM effect`
  memory.push(process.memoryUsage().rss / 2 ** 20)
  held.end = heldMb()
  await consumer.stop()
  await relay?.stop()
  await log.close()
  await Promise.all([writer.$disconnect(), reader.$disconnect()])
  for (const reason of reasons) process.stderr.write(`refused: ${reason}\n`)
  report(`outage: Kafka refused for ${minutes} minutes at ${A_SECOND} events/s`, [
    { what: 'accepted', value: waits.length, unit: '' },
    { what: 'refused', value: refused, unit: '' },
    { what: 'accepting p50', value: percentile(waits, 0.5), unit: 'ms' },
    { what: 'accepting p99', value: percentile(waits, 0.99), unit: 'ms' },
    { what: 'carried after', value: (relayed - back) / 1_000, unit: 's' },
    { what: 'drained after', value: (had - back) / 1_000, unit: 's' },
    { what: 'lost', value: said - refused - different, unit: '' },
    { what: 'double', value: rows - different, unit: '' },
    { what: 'memory after a minute', value: memory[6] ?? memory[0] ?? 0, unit: 'MiB' },
    { what: 'memory at the most', value: Math.max(...memory), unit: 'MiB' },
    { what: 'memory at the end', value: memory.at(-1) ?? 0, unit: 'MiB' },
    { what: 'held early on', value: held.early, unit: 'MiB' },
    { what: 'held when Kafka came back', value: held.back, unit: 'MiB' },
    { what: 'held at the end', value: held.end, unit: 'MiB' },
  ])

  async function untilHad(): Promise<void> {
    for (;;) {
      const [{ rows } = { rows: 0 }] = await reader.$queryRaw<{ rows: number }[]>`
        SELECT count(*)::int AS rows FROM effect`
      if (rows >= said - refused) return
      await sleep(100)
    }
  }
}

/** What is not garbage, on V8's heap and beside it. */
function heldMb(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}
