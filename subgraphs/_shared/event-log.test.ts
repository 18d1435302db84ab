import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { SqlDatabase, SqlExecutor } from './database.ts'
import { publish } from './outbox.ts'
import { publishNothing } from './settled.ts'
import { append, createTestLog, type Effect, TOPIC } from './testing/log.ts'

const WRITERS = 16
const TRANSACTIONS = 24
const PATIENT = { maxWait: 15_000, timeout: 15_000 }
const KEYS = Array.from({ length: 12 }, (_, index) => `key ${index}`)

test('of 16 writers a reader misses nothing, takes nothing twice and keeps the order of each key', async () => {
  await using bench = await createTestLog()
  const consumer = bench.consume()
  const writing = write(bench.writer)
  await Promise.all([writing, keepSilent(bench.writer, writing)])
  const written = await writing
  await consumer.caughtUp()

  expectInOrder(await bench.effects(), written)
})

test('two readers of one name, one of which comes and goes, share the work and never have the same effect', async () => {
  await using bench = await createTestLog()
  const turns = { steady: 0, passing: 0 }
  const reader = (who: keyof typeof turns) =>
    bench.consume({
      async apply(tx, events) {
        turns[who]++
        await append(tx, events)
      },
    })
  const steady = reader('steady')
  const writing = write(bench.writer)

  for (let round = 0; round < 6; round++) {
    const passing = reader('passing')
    await sleep(50 + 100 * Math.random())
    await passing.stop()
  }
  const written = await writing
  await steady.caughtUp()

  expectInOrder(await bench.effects(), written)
  expect(turns.steady).toBeGreaterThan(0)
  expect(turns.passing).toBeGreaterThan(0)
})

/** Transactions that publish nothing, begun at any moment and no two ending together, for as long as others write. */
async function keepSilent(db: SqlDatabase, writing: Promise<unknown>): Promise<void> {
  let isOver = false
  const over = writing.finally(() => {
    isOver = true
  })
  const lane = async (): Promise<void> => {
    while (!isOver) {
      await db.$transaction(async (tx) => {
        await publishNothing(tx)
        await tx.$queryRaw`SELECT pg_current_xact_id()::text`
        await sleep(Math.random() * 60)
      }, PATIENT)
    }
  }
  await Promise.all([over, lane(), lane(), lane()])
}

/** 16 writers at once, each transaction over one key with random waits inside; returns how far each key has come. */
async function write(db: SqlDatabase): Promise<Map<string, number>> {
  await db.$executeRaw`CREATE TABLE counter (key TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0)`
  await db.$executeRaw`INSERT INTO counter (key) SELECT unnest(${KEYS}::text[])`
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (let round = 0; round < TRANSACTIONS; round++) await writeOnce(db)
    }),
  )
  const rows = await db.$queryRaw<Effect[]>`SELECT key, n FROM counter`
  return new Map(rows.map((row) => [row.key, row.n]))
}

async function writeOnce(db: SqlDatabase): Promise<void> {
  const key = KEYS[Math.floor(Math.random() * KEYS.length)] as string
  const count = 10 + Math.floor(Math.random() * 31)
  await db.$transaction(async (tx) => {
    const from = await lock(tx, key)
    const events = Array.from({ length: count }, (_, index) => ({
      topic: TOPIC,
      key,
      payload: { key, n: from + index + 1 },
    }))
    await publish(tx, events.slice(0, count / 2))
    if (Math.random() < 0.3) await sleep(Math.random() * 30)
    await publish(tx, events.slice(count / 2))
    await tx.$executeRaw`UPDATE counter SET n = n + ${count} WHERE key = ${key}`
  }, PATIENT)
}

/** How far the key has come, locked: by a locking read, or by an update, which has its transaction id before its turn. */
async function lock(tx: SqlExecutor, key: string): Promise<number> {
  const rows =
    Math.random() < 0.5
      ? await tx.$queryRaw<Effect[]>`SELECT key, n FROM counter WHERE key = ${key} FOR UPDATE`
      : await tx.$queryRaw<Effect[]>`UPDATE counter SET n = n WHERE key = ${key} RETURNING key, n`
  return (rows[0] as Effect).n
}

/** Every event of every key, once, in the order it was written. */
function expectInOrder(effects: readonly Effect[], written: ReadonlyMap<string, number>): void {
  const total = [...written.values()].reduce((sum, n) => sum + n, 0)
  expect(total).toBeGreaterThan(8_000)
  expect(effects.length).toBe(total)
  const last = new Map(KEYS.map((key) => [key, 0]))
  for (const { key, n } of effects) {
    if (n !== (last.get(key) ?? 0) + 1) expect.fail(`${key}: ${n} came after ${last.get(key)}`)
    last.set(key, n)
  }
}
