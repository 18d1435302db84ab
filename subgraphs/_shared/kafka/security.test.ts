import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { createConsumer } from '../consumer.ts'
import { openLog } from '../open-log.ts'
import { publish } from '../outbox.ts'
import { createLogger } from '../telemetry.ts'
import { HAS_KAFKA, START_MS, startKafka, type TestKafka } from '../testing/kafka.ts'
import { append, createTestLog } from '../testing/log.ts'
import { type KafkaSecurity, kafkaSecurityOf, kafkaSecuritySettings } from './security.ts'

const WHO = { KAFKA_SASL_USERNAME: 'cadenza', KAFKA_SASL_PASSWORD: 'pass "word"' }

function securityOf(environment: Record<string, string>): KafkaSecurity {
  return kafkaSecurityOf(z.object(kafkaSecuritySettings).parse(environment))
}

test('without settings brokers are spoken to plainly; what is set is what kafkajs is given', () => {
  expect(securityOf({})).toEqual({ ssl: false })
  expect(securityOf({ KAFKA_SSL: 'true' })).toEqual({ ssl: true })
  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'])
    expect(securityOf({ KAFKA_SASL_MECHANISM: mechanism, ...WHO })).toEqual({
      ssl: false,
      sasl: { mechanism, username: 'cadenza', password: 'pass "word"' },
    })
})

test('half of what is needed is refused, by name', () => {
  expect(() => securityOf(WHO)).toThrow('come together')
  expect(() => securityOf({ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'a' })).toThrow(
    'come together',
  )
  expect(() => securityOf({ KAFKA_SASL_MECHANISM: 'gssapi', ...WHO })).toThrow('KAFKA_SASL_MECHANISM')
  expect(() => securityOf({ KAFKA_SSL_CA: 'package.json' })).toThrow('KAFKA_SSL=true')
  expect(() => securityOf({ KAFKA_SSL: 'true', KAFKA_SSL_CA: 'not/there.pem' })).toThrow('not/there.pem')
})

describe.skipIf(!HAS_KAFKA)('a Kafka that lets not everybody in', () => {
  const who = { username: 'cadenza', password: 'a-secret-of-tests' }
  let kafka: TestKafka
  let environment: Record<string, string>

  beforeAll(async () => {
    kafka = await startKafka(who)
    environment = {
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA: kafka.caFile,
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: who.username,
      KAFKA_SASL_PASSWORD: who.password,
    }
  }, START_MS)
  afterAll(() => kafka[Symbol.asyncDispose]())

  async function connect(changed: Record<string, string>): Promise<void> {
    const security = securityOf({ ...environment, ...changed })
    const retry = { retries: 0 }
    const admin = new Kafka({
      brokers: [kafka.brokers],
      ...security,
      retry,
      logLevel: logLevel.NOTHING,
    }).admin()
    try {
      await admin.connect()
    } finally {
      await admin.disconnect()
    }
  }

  test('carries events for those whom it knows', async () => {
    await using bench = await createTestLog()
    const logger = createLogger('test', 'silent')
    const log = await openLog({
      databaseUrl: bench.url,
      kafkaBrokers: kafka.brokers,
      kafkaSecurity: securityOf(environment),
      logger,
    })
    const topic = `users.thing-${randomUUID()}.v1`
    const relay = log.broker?.createRelay('users')
    const options = { name: 'catalog.effects', source: 'users', topics: [topic], db: bench.reader, logger }
    const consumer = createConsumer({ ...options, log, apply: append })
    relay?.start()
    consumer.start()
    await bench.writer.$transaction((tx) => publish(tx, [{ topic, key: 'a', payload: { key: 'a', n: 1 } }]))
    await vi.waitFor(async () => expect(await bench.effects()).toEqual([{ key: 'a', n: 1 }]), 60_000)
    await consumer.stop()
    await relay?.stop()
    await log.close()
  }, 120_000)

  test('and not for others, nor does anybody trust it who does not know its certificate', async () => {
    await connect({})
    await expect(connect({ KAFKA_SASL_PASSWORD: 'another' })).rejects.toThrow(/[Aa]uthentication/)
    const { KAFKA_SSL_CA: _, ...others } = environment
    environment = others
    await expect(connect({})).rejects.toThrow(/certificate/)
  }, 60_000)
})
