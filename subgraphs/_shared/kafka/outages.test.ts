import { randomUUID } from 'node:crypto'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createConsumer } from '../consumer.ts'
import { createEmbeddedLog } from '../event-log.ts'
import { publish } from '../outbox.ts'
import { createLogger, metrics } from '../telemetry.ts'
import { HAS_KAFKA, START_MS, startKafka, type TestKafka } from '../testing/kafka.ts'
import { append, createTestLog, type TestLog } from '../testing/log.ts'
import { MOST_BYTES } from './requests.ts'

const PATIENCE_MS = 120_000
/** By when whatever stopped has to be at work again: 30 s, and as long again where other tests have the processors. */
const BACK_MS = 60_000

describe.skipIf(!HAS_KAFKA)('Kafka between rooms', () => {
  let kafka: TestKafka
  let bench: TestLog
  let topic: string

  beforeAll(async () => {
    kafka = await startKafka()
  }, START_MS)
  afterAll(() => kafka[Symbol.asyncDispose]())
  beforeEach(async () => {
    if (!kafka.isAlive()) await kafka.start() // a test that failed may have left it dead
    bench = await createTestLog(kafka.brokers)
    bench.relay?.start()
    topic = `users.thing-${randomUUID()}.v1` // the broker remembers the topics of other tests
  }, START_MS)
  afterEach(() => bench[Symbol.asyncDispose](), PATIENCE_MS)

  const say = (count: number, from = 0, more: object = {}): Promise<void> =>
    bench.writer.$transaction((tx) =>
      publish(
        tx,
        Array.from({ length: count }, (_, index) => ({
          topic,
          key: `key ${index % 7}`,
          payload: { key: `key ${index % 7}`, n: from + index, ...more },
        })),
      ),
    )
  const untilHad = (count: number, timeout = BACK_MS): Promise<void> =>
    vi.waitFor(async () => expect((await bench.effects()).length).toBeGreaterThanOrEqual(count), {
      timeout,
      interval: 50,
    })

  test(
    'a broker that is away costs nobody anything; when it is back everybody is at work again',
    async () => {
      bench.consume({ topics: [topic] })
      await say(70)
      await untilHad(70)

      await kafka.kill()
      for (let round = 1; round <= 10; round++) await say(70, round * 70)
      expect((await bench.effects()).length).toBe(70)
      await vi.waitFor(
        async () => {
          const restarts = await metrics.getSingleMetric('cadenza_consumer_restarts_total')?.get()
          expect(restarts?.values.some(({ value }) => value > 0)).toBe(true)
        },
        { timeout: BACK_MS, interval: 100 },
      )
      await kafka.start()
      const begun = Date.now()
      await untilHad(770)
      expect(Date.now() - begun).toBeLessThan(BACK_MS)

      const effects = await bench.effects()
      expect(effects).toHaveLength(770)
      for (let key = 0; key < 7; key++) {
        const had = effects.filter((effect) => effect.key === `key ${key}`).map(({ n }) => n)
        expect(had).toEqual([...had].sort((a, b) => a - b))
      }
    },
    PATIENCE_MS,
  )

  test(
    'what others wrote into a topic is set aside with its reason, and the partition moves on',
    async () => {
      await say(7)
      await bench.relay?.caughtUp()
      const headers = { id: 'event_foreign', position: '1.1' }
      const value = '{"key":"a\\u0000b","n":"\\ud800"}'
      await produce([
        { key: 'key 1', value: 'not JSON', headers: { id: 'event_text', position: '1.2' } },
        { key: 'key 1', value: '{"n":1}' },
        { key: 'key 1', value: Buffer.from([0, 255, 254]), headers: { id: 'event_bytes', position: '1.3' } },
        { key: 'key\0 2', value, headers },
        { key: 'key 3', value: `"${'x'.repeat(900_000)}"`, headers: { id: 'event_long', position: '1.4' } },
      ])
      await say(7, 7)
      const consumer = bench.consume({ topics: [topic] })
      await untilHad(14)
      await consumer.caughtUp()

      expect((await bench.effects()).map(({ n }) => n).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 14 }, (_, n) => n),
      )
      const aside = await bench.reader.$queryRaw<{ event_id: string; reason: string }[]>`
      SELECT event_id, reason FROM dead_letter ORDER BY event_id`
      expect(aside.map(({ event_id }) => event_id.replace(/\d+$/, '0'))).toEqual([
        'event_bytes',
        'event_foreign',
        'event_long',
        'event_text',
        expect.stringContaining(topic),
      ])
      for (const { reason } of aside) expect(reason).not.toBe('')
    },
    PATIENCE_MS,
  )

  test(
    'an event that no broker takes is set aside by the relay; one just small enough is carried',
    async () => {
      bench.consume({ topics: [topic] })
      await say(1)
      await say(1, 1, { text: 'x'.repeat(MOST_BYTES) })
      await say(1, 2, { text: 'x'.repeat(MOST_BYTES - 256) })
      await untilHad(2)

      expect((await bench.effects()).map(({ n }) => n)).toEqual([0, 2])
      expect(await bench.writer.$queryRaw`SELECT consumer, reason FROM dead_letter`).toEqual([
        { consumer: 'users.relay', reason: `larger than ${MOST_BYTES} bytes` },
      ])
    },
    PATIENCE_MS,
  )

  test(
    'a consumer that has read the outbox until now has nothing again from the broker',
    async () => {
      const log = await createEmbeddedLog(bench.url)
      const logger = createLogger('test', 'silent')
      const options = { name: 'catalog.effects', source: 'users', topics: [topic], db: bench.reader, logger }
      const before = createConsumer({ ...options, log, apply: append })
      before.start()
      await say(7)
      await before.caughtUp()
      await before.stop()
      await log.close()
      await bench.reader.$executeRaw`TRUNCATE inbox` // as after a week

      bench.consume({ topics: [topic] })
      await say(7, 7)
      await untilHad(14)

      expect((await bench.effects()).map(({ n }) => n).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 14 }, (_, n) => n),
      )
    },
    PATIENCE_MS,
  )

  async function produce(
    messages: { key: string; value: string | Buffer; headers?: object }[],
  ): Promise<void> {
    const client = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING })
    const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    await producer.send({
      topic,
      messages: messages.map((message) => ({ ...message, headers: { ...message.headers } })),
    })
    await producer.disconnect()
  }
})
