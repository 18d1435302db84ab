import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createLogClearing } from './log-clearing.ts'
import { publish } from './outbox.ts'
import { createLogger } from './telemetry.ts'
import { append, createTestLog, type TestLog, TOPIC } from './testing/log.ts'

const logger = createLogger('test', 'silent')
const OTHER = 'users.session-ended.v1'

let bench: TestLog

beforeAll(async () => {
  bench = await createTestLog()
})
afterAll(() => bench[Symbol.asyncDispose]())
beforeEach(async () => {
  await bench.writer.$executeRaw`TRUNCATE outbox`
})

async function say(key: string, n: number, topic = TOPIC): Promise<void> {
  await bench.writer.$transaction((tx) => publish(tx, [{ topic, key, payload: { key, n } }]))
}

/** Lets all that has been said until now be so many days old. */
async function age(days: number): Promise<void> {
  await bench.writer.$executeRaw`
    UPDATE outbox SET at = clock_timestamp() - ${days}::float8 * interval '1 day' WHERE at > now() - interval '1 hour'`
}

async function left(): Promise<string[]> {
  const rows = await bench.writer.$queryRaw<{ payload: { key: string; n: number } }[]>`
    SELECT payload FROM outbox ORDER BY xid, seq`
  return rows.map(({ payload }) => `${payload.key}${payload.n}`)
}

async function clear(room = 'users'): Promise<number> {
  const clearing = createLogClearing({ databaseUrl: bench.url, room, topics: [TOPIC], logger })
  const gone = await clearing.run()
  await clearing.stop()
  return gone
}

/** A consumer that has read all there is, and stops. */
async function read(name: string): Promise<void> {
  const consumer = bench.consume({ name })
  await consumer.caughtUp()
  await consumer.stop()
}

test('an event goes when all have read it, a week has passed, and a later one says how its key is now', async () => {
  for (const n of [1, 2, 3]) await say('a', n)
  await say('b', 1)
  await say('a', 1, OTHER)
  await say('a', 2, OTHER)
  await age(7.1)
  await say('a', 4)
  await say('c', 1)
  await say('c', 2)
  await age(6.9)
  expect([await clear(), (await left()).length]).toEqual([0, 9])

  await read('catalog.first')

  expect(await clear()).toBe(3)
  expect(await left()).toEqual(['b1', 'a1', 'a2', 'a4', 'c1', 'c2'])
  expect(await clear()).toBe(0)
})

test('one consumer that lags behind keeps what it has not read, in whichever room it is', async () => {
  for (const n of [1, 2, 3, 4]) await say('a', n)
  await age(8)
  await read('catalog.quick')
  await bench.writer.$executeRaw`
    INSERT INTO log_position (consumer, source, xid, seq)
    SELECT 'users.slow', 'users', xid, seq FROM outbox ORDER BY outbox.xid, outbox.seq OFFSET 1 LIMIT 1`
  await read('catalog.first')

  expect(await clear()).toBe(2)
  expect(await left()).toEqual(['a3', 'a4'])
  await bench.writer.$executeRaw`DELETE FROM log_position WHERE consumer = 'users.slow'`
  expect(await clear()).toBe(1)
})

test('a consumer that comes later learns of every key how it is, and in order', async () => {
  for (const n of [1, 2, 3]) for (const key of ['x', 'y', 'z']) await say(key, n)
  await age(8)
  for (const name of ['catalog.first', 'catalog.quick']) await read(name)
  expect(await clear()).toBe(6)

  await bench.reader.$executeRaw`TRUNCATE effect`
  await read('catalog.late')
  expect(await bench.effects()).toEqual(['x', 'y', 'z'].map((key) => ({ key, n: 3 })))
})

test('thousands that stay and thousands that go are looked at once, in stretches', async () => {
  await bench.writer.$executeRaw`
    INSERT INTO outbox (id, topic, key, payload, at)
    SELECT 'e' || n, ${TOPIC}, CASE WHEN n % 2 = 0 THEN 'same' ELSE 'own ' || n END,
           jsonb_build_object('key', 'k', 'n', n), clock_timestamp() - interval '8 days' FROM generate_series(1, 5000) n`
  for (const name of ['catalog.first', 'catalog.quick', 'catalog.late']) await read(name)

  expect(await clear()).toBe(2_499)
  expect(await left()).toHaveLength(2_501)
})

test('while events are said, read and cleared at once every consumer has all that matters', async () => {
  await bench.reader.$executeRaw`TRUNCATE effect`
  const clearing = createLogClearing({ databaseUrl: bench.url, room: 'users', topics: [TOPIC], logger })
  const consumer = bench.consume({ name: 'catalog.live', apply: append })
  for (let n = 1; n <= 60; n++) {
    await say(`k${n % 5}`, n)
    await age(8)
    if (n % 7 === 0) await clearing.run()
  }
  await consumer.caughtUp()
  await clearing.run()
  await clearing.stop()

  const seen = (await bench.effects()).filter(({ key }) => key.startsWith('k')).map(({ n }) => n)
  expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
})

test('ids in the inbox go after a week', async () => {
  await bench.reader.$executeRaw`TRUNCATE inbox`
  await bench.reader.$executeRaw`
    INSERT INTO inbox (consumer, event_id, at)
    SELECT 'catalog.first', n::text, clock_timestamp() - n * interval '1 day' FROM generate_series(0.5, 2500.5) n`

  expect(await clear('catalog')).toBe(2_494)
  expect(await bench.reader.$queryRaw`SELECT count(*)::int FROM inbox`).toEqual([{ count: 7 }])
})

test('where a broker carries the events the relay is the reader that counts, and elsewhere it is none', async () => {
  for (const n of [1, 2, 3]) await say('a', n)
  await age(8)
  for (const name of ['catalog.first', 'catalog.quick', 'catalog.late', 'catalog.live']) await read(name)
  await bench.writer.$executeRaw`
    INSERT INTO log_position (consumer, source, xid, seq)
    SELECT 'users.relay', 'users', xid, seq FROM outbox ORDER BY outbox.xid, outbox.seq LIMIT 1`
  const options = { databaseUrl: bench.url, room: 'users', topics: [TOPIC], logger }
  const carried = createLogClearing({ ...options, isCarried: true })
  const uncarried = createLogClearing(options)

  expect([await carried.run(), await left()]).toEqual([1, ['a2', 'a3']])
  expect([await uncarried.run(), await left()]).toEqual([1, ['a3']])
  await Promise.all([carried.stop(), uncarried.stop()])
})
