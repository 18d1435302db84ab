import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { SqlDatabase } from './database.ts'
import type { EventLog } from './event-log.ts'
import { publish } from './outbox.ts'
import { append, createTestLog, type TestLog, TOPIC } from './testing/log.ts'

test('an event that cannot have its effect is tried three times, then set aside with its reason; the rest applies', async () => {
  await using bench = await createTestLog()
  const tries = new Map<string, number>()
  const consumer = bench.consume({
    async apply(tx, events) {
      const poison = events.map((event) => event.key).filter((key) => key.startsWith('poison'))
      if (poison[0] !== undefined && events.length === 1)
        tries.set(poison[0], (tries.get(poison[0]) ?? 0) + 1)
      await append(tx, events)
      if (poison.length > 0) throw new Error(`cannot take ${poison[0]}`)
    },
  })

  const keys = Array.from({ length: 520 }, (_, index) => (index % 300 === 120 ? `poison ${index}` : 'good'))
  await say(bench.writer, keys)
  await consumer.caughtUp()

  expect((await bench.effects()).map((effect) => effect.n)).toEqual(
    keys.flatMap((key, n) => (key === 'good' ? [n] : [])),
  )
  const aside = await bench.reader.$queryRaw<object[]>`
    SELECT consumer, topic, key, payload, reason FROM dead_letter ORDER BY at`
  expect(aside).toEqual(
    [120, 420].map((n) => ({
      consumer: 'catalog.effects',
      topic: TOPIC,
      key: `poison ${n}`,
      payload: { key: `poison ${n}`, n },
      reason: `cannot take poison ${n}`,
    })),
  )
  expect([...tries.values()]).toEqual([3, 3])
})

test('an event that fails twice and then works has its effect once', async () => {
  await using bench = await createTestLog()
  let failures = 2
  const consumer = bench.consume({
    async apply(tx, events) {
      await append(tx, events)
      if (failures-- > 0) await tx.$queryRaw`SELECT 1 / 0`
    },
  })

  await say(bench.writer, ['only'])
  await consumer.caughtUp()

  expect(await bench.effects()).toEqual([{ key: 'only', n: 0 }])
  expect(await setAside(bench.reader)).toEqual([])
})

test('an effect that only fails at commit is set aside as well', async () => {
  await using bench = await createTestLog()
  await bench.reader
    .$executeRaw`ALTER TABLE effect ADD CONSTRAINT once UNIQUE (key) DEFERRABLE INITIALLY DEFERRED`
  const consumer = bench.consume()

  await say(bench.writer, ['a', 'b', 'a', 'c'])
  await consumer.caughtUp()

  expect((await bench.effects()).map((effect) => effect.key)).toEqual(['a', 'b', 'c'])
  const aside = await bench.reader.$queryRaw<{ reason: string }[]>`SELECT reason FROM dead_letter`
  expect(aside.map((row) => row.reason)).toEqual(['UniqueConstraintViolation'])
})

test('news is acted on at once, and a lost notification costs at most the poll', async () => {
  await using bench = await createTestLog()
  const deaf: EventLog = { ...bench.log, onNews: () => () => undefined }
  bench.consume({ name: 'catalog.hearing', topics: ['hearing'] })
  bench.consume({ name: 'catalog.deaf', topics: ['deaf'], log: deaf })
  await sleep(300) // both have read what there is, nothing, and rest

  const hearing = await timeToEffect(bench, 'hearing')
  const deafened = await timeToEffect(bench, 'deaf')

  expect(hearing).toBeLessThan(400)
  expect(deafened).toBeGreaterThan(hearing)
  expect(deafened).toBeLessThan(1_400)
})

test('events that come one after the other are had together, the first one at once', async () => {
  await using bench = await createTestLog()
  const batches: number[] = []
  const consumer = bench.consume({
    async apply(tx, events) {
      batches.push(events.length)
      await append(tx, events)
    },
  })
  await consumer.caughtUp()

  for (let n = 0; n < 60; n++) {
    await say(bench.writer, [`${n}`])
    await sleep(3)
  }
  await consumer.caughtUp()

  expect(await bench.effects()).toHaveLength(60)
  expect(batches[0]).toBeLessThan(10)
  expect(batches.length).toBeLessThan(30)
})

test('events behind a running transaction wait for it, and follow without being announced', async () => {
  await using bench = await createTestLog()
  const consumer = bench.consume()
  let isCaughtUp = false
  let end: () => void = () => undefined

  const running = bench.reader.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT pg_current_xact_id()::text`
    await say(bench.writer, ['behind'])
    void consumer.caughtUp().then(() => (isCaughtUp = true))
    await new Promise<void>((resolve) => (end = resolve))
  })
  await sleep(300)
  const early = { isCaughtUp, effects: await bench.effects() }
  end()
  await running
  const at = Date.now()
  await consumer.caughtUp()

  expect(early).toEqual({ isCaughtUp: false, effects: [] })
  expect(await bench.effects()).toEqual([{ key: 'behind', n: 0 }])
  expect(Date.now() - at).toBeLessThan(300)
})

test('a log whose connection is killed is read on, and no event is blamed', async () => {
  await using bench = await createTestLog()
  bench.consume()

  const keys = Array.from({ length: 10 }, (_, index) => `key ${index}`)
  for (const key of keys) {
    await say(bench.writer, [key])
    if (key === 'key 4') expect(await killLog(bench.reader)).toBeGreaterThan(0)
  }
  await until(async () => (await bench.effects()).length >= keys.length)

  expect((await bench.effects()).map((effect) => effect.key)).toEqual(keys)
  expect(await setAside(bench.reader)).toEqual([])
})

test('a log that is read again from the start has no second effect', async () => {
  await using bench = await createTestLog()
  const first = bench.consume()
  await say(bench.writer, ['a', 'b', 'c'])
  await first.caughtUp()
  await first.stop()

  await bench.reader.$executeRaw`DELETE FROM log_position`
  const second = bench.consume()
  await say(bench.writer, ['d'])
  await second.caughtUp()

  expect((await bench.effects()).map((effect) => effect.key)).toEqual(['a', 'b', 'c', 'd'])
})

/** Publishes an event per key in one transaction, numbered from 0. */
async function say(db: SqlDatabase, keys: readonly string[], topic = TOPIC): Promise<void> {
  const events = keys.map((key, n) => ({ topic, key, payload: { key, n } }))
  await db.$transaction((tx) => publish(tx, events))
}

async function timeToEffect(bench: TestLog, topic: string): Promise<number> {
  const from = Date.now()
  await say(bench.writer, [topic], topic)
  await until(async () => (await bench.effects()).some((effect) => effect.key === topic))
  return Date.now() - from
}

async function killLog(db: SqlDatabase): Promise<number> {
  const killed = await db.$queryRaw<object[]>`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'cadenza event log' AND datname = current_database()`
  return killed.length
}

async function setAside(db: SqlDatabase): Promise<string[]> {
  const rows = await db.$queryRaw<{ key: string }[]>`SELECT key FROM dead_letter`
  return rows.map((row) => row.key)
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(10)
}
