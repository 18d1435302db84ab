import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { publish } from './outbox.ts'
import { createTestLog, type TestLog, TOPIC } from './testing/log.ts'

let bench: TestLog
let listener: pg.Client
/** What a reader finds at each hint: how many events there are. */
let seen: number[]
let heard: string[]

beforeAll(async () => {
  bench = await createTestLog()
  listener = new pg.Client({ connectionString: bench.url })
  await listener.connect()
  listener.on('notification', ({ payload = '' }) => {
    heard.push(payload)
    void count().then((events) => seen.push(events))
  })
  await listener.query('LISTEN outbox')
})
afterAll(async () => {
  await listener.end()
  await bench[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await bench.writer.$executeRaw`TRUNCATE outbox`
  seen = []
  heard = []
})

async function count(): Promise<number> {
  const { rows } = await listener.query<{ count: number }>('SELECT count(*)::int FROM users.outbox')
  return rows[0]?.count ?? 0
}

const event = (n: number) => ({ topic: TOPIC, key: 'a', payload: { n } })

test('what a transaction says is there when readers are told, in a transaction and without one', async () => {
  await bench.writer.$transaction((tx) => publish(tx, [event(1)]))
  await vi.waitFor(() => expect(seen).toEqual([1]))
  await publish(bench.writer, [event(2)])
  await vi.waitFor(() => expect(seen).toEqual([1, 2]))
  expect(heard).toEqual(['users', 'users'])
})

test('nobody is told of what was rolled back, nor of commits that say nothing', async () => {
  const failing = bench.writer.$transaction(async (tx) => {
    await publish(tx, [event(1)])
    throw new Error('not after all')
  })
  await expect(failing).rejects.toThrow('not after all')
  await bench.writer.$transaction(async (tx) => tx.$queryRaw`SELECT count(*)::int FROM outbox`)
  await bench.reader.$transaction((tx) => publish(tx, [event(1)]))

  await vi.waitFor(() => expect(heard).toEqual(['catalog']))
})

test('commits at about the same time are told of together, and the last one always', async () => {
  await Promise.all(
    Array.from({ length: 100 }, (_, n) => bench.writer.$transaction((tx) => publish(tx, [event(n)]))),
  )

  await vi.waitFor(() => expect(seen.at(-1)).toBe(100))
  expect(heard.length).toBeLessThan(80)
})
