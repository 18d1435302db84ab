import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrate } from '../../prisma/migrate.ts'
import { createLogClearing, type LogClearingOptions } from './log-clearing.ts'
import { openLog } from './open-log.ts'
import { publish } from './outbox.ts'
import { createLogger } from './telemetry.ts'
import { createTestDatabase } from './testing/database.ts'
import { append, createTestLog, type TestLog, TOPIC } from './testing/log.ts'

const logger = createLogger('test', 'silent')
const NEWS = 'users.session-ended.v1'
const STEPS = 'users.step-taken.v1'
const lasting = { state: [TOPIC], news: [NEWS] }
const WEEK_MS = 7 * 86_400_000
const DAY_MS = 86_400_000

let bench: TestLog
/** When the week ends that is now. */
let end: number

beforeEach(async () => {
  bench = await createTestLog()
  const [week] = await bench.writer.$queryRaw<{ end: Date }[]>`
    SELECT date_trunc('week', clock_timestamp(), 'UTC') + interval '168 hours' AS end`
  end = week?.end.getTime() ?? 0
})
afterEach(() => bench[Symbol.asyncDispose]())

async function say(key: string, n: number, topic = TOPIC): Promise<void> {
  await bench.writer.$transaction((tx) => publish(tx, [{ topic, key, payload: { key, n } }]))
}

async function left(): Promise<string[]> {
  const rows = await bench.writer.$queryRaw<{ payload: { key: string; n: number } }[]>`
    SELECT payload FROM outbox ORDER BY xid, seq`
  return rows.map(({ payload }) => `${payload.key}${payload.n}`)
}

async function partitions(): Promise<number> {
  const rows = await bench.writer.$queryRaw<
    object[]
  >`SELECT FROM pg_inherits WHERE inhparent = 'outbox'::regclass`
  return rows.length
}

/** Clears as if it were so long after the end of this week. */
async function clear(afterMs: number, options: Partial<LogClearingOptions> = {}): Promise<number> {
  const now = (): number => end + afterMs
  const given = { databaseUrl: bench.url, room: 'users', lasting, log: bench.log, logger, now }
  return createLogClearing({ ...given, ...options }).run()
}

/** A consumer that has read all there is, and stops. */
async function read(name: string): Promise<void> {
  const consumer = bench.consume({ name, topics: [TOPIC, STEPS] })
  await consumer.caughtUp()
  await consumer.stop()
}

test('a week goes when it has been over for a week and all have read it; how things are stays, and what nobody said may go', async () => {
  for (const n of [1, 2, 3]) await say('a', n)
  await say('b', 1)
  for (const n of [4, 5]) await say('a', n, NEWS)
  for (const n of [6, 7]) await say('a', n, STEPS)
  expect([await clear(WEEK_MS + DAY_MS), (await left()).length]).toEqual([0, 8])
  await read('catalog.first')

  expect(await clear(WEEK_MS - DAY_MS)).toBe(0)
  expect(await partitions()).toBe(4)
  expect(await clear(WEEK_MS + DAY_MS)).toBe(4)
  expect(await left()).toEqual(['a3', 'b1', 'a6', 'a7'])
  expect(await partitions()).toBe(3)

  await say('a', 8)
  await read('catalog.first')
  expect((await bench.effects()).map(({ n }) => n)).toEqual([1, 2, 3, 1, 6, 7, 8])
})

test('one consumer that lags behind keeps what it has not read, in whichever room it is', async () => {
  for (const n of [1, 2, 3, 4]) await say('a', n)
  await read('catalog.quick')
  await bench.writer.$executeRaw`
    INSERT INTO log_position (consumer, source, xid, seq)
    SELECT 'users.slow', 'users', xid, seq FROM outbox ORDER BY outbox.xid, outbox.seq OFFSET 2 LIMIT 1`

  expect(await clear(3 * WEEK_MS)).toBe(0)
  expect(await left()).toHaveLength(4)
  await bench.writer.$executeRaw`
    UPDATE log_position SET (xid, seq) = (SELECT xid, seq FROM outbox ORDER BY outbox.xid DESC, outbox.seq DESC LIMIT 1)
     WHERE consumer = 'users.slow'`
  expect(await clear(3 * WEEK_MS)).toBe(3)
})

test('a consumer that comes later learns of every key how it is, in order', async () => {
  for (const n of [1, 2, 3]) for (const key of ['x', 'y', 'z']) await say(key, n)
  await read('catalog.first')
  expect(await clear(2 * WEEK_MS)).toBe(6)

  await bench.reader.$executeRaw`TRUNCATE effect`
  await say('y', 4)
  await read('catalog.late')
  expect(await bench.effects()).toEqual(['x3', 'y3', 'z3', 'y4'].map(([key, n]) => ({ key, n: Number(n) })))
})

test('of many thousands exactly what lasts is left, week after week', async () => {
  const fill = async (from: number, to: number): Promise<void> => {
    await bench.writer.$executeRaw`
      INSERT INTO outbox (id, topic, key, payload)
      SELECT 'e' || n, (ARRAY[${TOPIC}, ${NEWS}, ${STEPS}])[n % 3 + 1], 'k' || n * 7919 % 2003, jsonb_build_object('key', 'k', 'n', n)
        FROM generate_series(${from}::int, ${to}::int) n`
    await read('catalog.first')
  }
  const expected = async (): Promise<string[]> => {
    const rows = await bench.writer.$queryRaw<{ n: number }[]>`
      SELECT (payload->>'n')::int AS n FROM outbox AS event
       WHERE topic = ${STEPS} OR (topic = ${TOPIC} AND NOT EXISTS (
             SELECT FROM outbox AS later WHERE later.topic = event.topic AND later.key = event.key AND later.xid > event.xid OR
                    later.topic = event.topic AND later.key = event.key AND later.xid = event.xid AND later.seq > event.seq))
       ORDER BY xid, seq`
    return rows.map(({ n }) => `k${n}`)
  }
  await bench.writer.$executeRaw`CREATE INDEX ON outbox (key)`
  for (const week of [1, 2]) {
    await fill(week * 20_000, week * 20_000 + 11_999)
    const staying = await expected()
    await clear(week * 4 * WEEK_MS)
    expect(await left()).toEqual(staying)
    expect(staying.length).toBeGreaterThan(5_000)
  }
})

test('while events are said, read and cleared at once every consumer has each of them, once', async () => {
  const consumer = bench.consume({ name: 'catalog.live', apply: append })
  for (let n = 1; n <= 60; n++) {
    await say(`k${n % 5}`, n)
    if (n % 7 === 0) await clear((n * WEEK_MS) / 7)
  }
  await consumer.caughtUp()
  await clear(20 * WEEK_MS)

  expect((await bench.effects()).map(({ n }) => n)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1))
  expect(await left()).toEqual(['k1', 'k2', 'k3', 'k4', 'k0'].map((key, at) => `${key}${56 + at}`))
})

test('nobody waits long for a drop: it takes its turn between those who are at work, or comes again', async () => {
  for (const n of [1, 2, 3]) await say('a', n)
  await read('catalog.first')
  const busy = new pg.Client({ connectionString: bench.url })
  await busy.connect()
  await busy.query('BEGIN; SELECT count(*) FROM users.outbox')
  let isOver = false
  const dropping = clear(2 * WEEK_MS).finally(() => {
    isOver = true
  })
  const waits: number[] = []
  for (const begun = Date.now(); Date.now() - begun < 4_000; await sleep(20)) {
    const from = Date.now()
    await bench.writer.$executeRaw`
      INSERT INTO outbox (id, topic, key, payload, at) VALUES ('later', ${NEWS}, 'b', '{}', ${new Date(end + WEEK_MS)})`
    waits.push(Date.now() - from)
  }
  expect(isOver).toBe(false)
  await busy.end()

  expect(await dropping).toBe(2)
  expect(Math.max(...waits)).toBeLessThan(2_000)
})

test('what is taken out of old events while they are copied is not in the copies', async () => {
  await bench.writer.$executeRaw`
    INSERT INTO outbox (id, topic, key, payload)
    SELECT 'e' || n, ${STEPS}, 'k' || n, jsonb_build_object('key', 'k', 'n', n, 'name', 'somebody') FROM generate_series(1, 20000) n`
  await read('catalog.first')
  let isOver = false
  const dropping = clear(2 * WEEK_MS).finally(() => {
    isOver = true
  })
  let redacted = 0
  while (!isOver && redacted < 3) {
    redacted++
    await bench.writer.$executeRaw`
      UPDATE outbox SET payload = payload - 'name' WHERE (payload->>'n')::int % 10 = ${redacted}`
    await sleep(150)
  }
  expect(await dropping).toBe(0)

  expect(redacted).toBeGreaterThan(0)
  expect(await partitions()).toBe(3)
  expect(
    await bench.writer.$queryRaw`
    SELECT count(*)::int AS all, count(*) FILTER (WHERE payload ? 'name')::int AS named FROM outbox`,
  ).toEqual([{ all: 20_000, named: 20_000 - redacted * 2_000 }])
})

test('ids in the inbox go after a week', async () => {
  await bench.reader.$executeRaw`
    INSERT INTO inbox (consumer, event_id, at)
    SELECT 'catalog.first', n::text, clock_timestamp() - n * interval '1 day' FROM generate_series(0.5, 2500.5) n`

  expect(await clear(0, { room: 'catalog', now: Date.now })).toBe(2_494)
  expect(await bench.reader.$queryRaw`SELECT count(*)::int FROM inbox`).toEqual([{ count: 7 }])
})

test('where a broker carries the events the relay is the reader that counts, and elsewhere it is none', async () => {
  for (const n of [1, 2, 3]) await say('a', n)
  await read('catalog.first')
  await bench.writer.$executeRaw`
    INSERT INTO log_position (consumer, source, xid, seq)
    SELECT 'users.relay', 'users', xid, seq FROM outbox ORDER BY outbox.xid, outbox.seq LIMIT 1`
  const log = await openLog({ databaseUrl: bench.url, kafkaBrokers: '127.0.0.1:1', logger })

  expect(await clear(2 * WEEK_MS, { log })).toBe(0)
  expect(await clear(2 * WEEK_MS)).toBe(2)
  await log.close()
})

test('what was said before there were partitions keeps its place', async () => {
  await using database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url, options: '-c search_path=users,public' })
  await client.connect()
  await client.query('DROP SCHEMA users CASCADE')
  await migrate('users', database.url, '20261121000049')
  await client.query(`
    INSERT INTO outbox (id, topic, key, payload, at, xid)
    SELECT 'e' || n, 't', 'k', '{}', clock_timestamp() - n * interval '1 day', (1000 + n % 3)::text::xid8 FROM generate_series(0, 20) n`)
  const places = 'SELECT id, xid, seq, at FROM outbox ORDER BY xid, seq'
  const before = await client.query(places)

  await migrate('users', database.url)

  expect((await client.query(places)).rows).toEqual(before.rows)
  await client.query(`INSERT INTO outbox (id, topic, key, payload) VALUES ('new', 't', 'k', '{}')`)
  const { rows } = await client.query(`SELECT seq FROM outbox WHERE id = 'new'`)
  await client.end()
  expect(rows).toEqual([{ seq: '22' }])
})
