import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { SqlDatabase, SqlExecutor } from './database.ts'
import { requestReplay } from './dead-letters.ts'
import type { LogEvent } from './event-log.ts'
import { publish } from './outbox.ts'
import { publishNothing } from './settled.ts'
import { metrics } from './telemetry.ts'
import { HAS_KAFKA, startKafka, type TestKafka } from './testing/kafka.ts'
import { append, createTestLog, type TestLog } from './testing/log.ts'

const PATIENCE_MS = 300_000

/** What carries events between rooms, and how it is disturbed. */
interface Way {
  open(): Promise<TestLog>
  /** Whatever carries events is killed, and comes back. */
  interrupt(bench: TestLog): Promise<void>
  /** Brings all that was said once more, as after a loss of what the log knows of its readers. */
  bringAgain(bench: TestLog): Promise<void>
  close(): Promise<void>
}

function byOutbox(): Promise<Way> {
  return Promise.resolve({
    open: () => createTestLog(),
    async interrupt({ reader }) {
      await reader.$executeRaw`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'cadenza event log' AND datname = current_database()`
    },
    async bringAgain({ reader }) {
      await reader.$executeRaw`DELETE FROM log_position`
    },
    close: () => Promise.resolve(),
  })
}

async function byKafka(): Promise<Way> {
  const kafka: TestKafka = await startKafka()
  let relay: ChildProcess | null = null
  const startRelay = (bench: TestLog): void => {
    const script = 'subgraphs/_shared/testing/relay-process.ts'
    const args = ['--import', 'tsx', script, bench.url, kafka.brokers, 'users']
    relay = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const killRelay = async (): Promise<void> => {
    if (relay === null || relay.exitCode !== null) return
    const ended = once(relay, 'exit')
    relay.kill('SIGKILL')
    await ended
    relay = null
  }
  return {
    async open() {
      await killRelay()
      const bench = await createTestLog(kafka.brokers)
      startRelay(bench)
      return bench
    },
    async interrupt(bench) {
      await killRelay()
      startRelay(bench)
    },
    async bringAgain({ writer }) {
      // The relay reads where it is once: it is killed so that it looks again.
      await writer.$executeRaw`DELETE FROM log_position`
      await writer.$executeRaw`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'cadenza relay users' AND datname = current_database()`
      await writer.$executeRaw`DELETE FROM log_position`
    },
    async close() {
      await killRelay()
      await kafka[Symbol.asyncDispose]()
    },
  }
}

const WAYS = [
  ['the outbox', byOutbox, true],
  ['Kafka', byKafka, HAS_KAFKA],
] as const

describe.each(WAYS)('events by %s', (_, begin, isHere) => {
  let way: Way
  let bench: TestLog
  let topic: string

  if (!isHere) return test.skip('Kafka is not installed', () => undefined)

  beforeAll(async () => {
    way = await begin()
  }, PATIENCE_MS)
  beforeEach(async () => {
    bench = await way.open()
    topic = `users.thing-${randomUUID()}.v1` // a broker remembers the topics of other tests
  })
  afterEach(() => bench[Symbol.asyncDispose]())
  afterAll(() => way.close())

  const say = (keys: readonly string[], from = 0): Promise<void> =>
    bench.writer.$transaction((tx) =>
      publish(
        tx,
        keys.map((key, index) => ({ topic, key, payload: { key, n: from + index } })),
      ),
    )
  const untilHad = (count: number, timeout = PATIENCE_MS): Promise<void> =>
    vi.waitFor(async () => expect((await bench.effects()).length).toBeGreaterThanOrEqual(count), {
      timeout,
      interval: 50,
    })

  test(
    'news waits for a transaction that may still say something earlier, and not for one that said it will not',
    async () => {
      bench.consume({ topics: [topic] })
      await say(['a'])
      await untilHad(1)
      const silent = await hold(bench.writer, true)
      await say(['b'])
      await untilHad(2)
      const other = await hold(bench.writer, false)
      await say(['c'])
      await sleep(1_000)
      const before = (await bench.effects()).length
      await other.end()
      await untilHad(3)
      await silent.end()

      expect(before).toBe(2)
    },
    PATIENCE_MS,
  )

  test(
    'each key keeps its order, and each event its one effect, while what carries them is killed',
    async () => {
      const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`)
      bench.consume({ topics: [topic] })
      bench.consume({ topics: [topic] })

      for (let round = 0; round < 30; round++) {
        await say([...keys, ...keys], round * 40)
        if (round % 10 === 5) {
          await sleep(300)
          await way.interrupt(bench)
        }
      }
      await untilHad(1_200)

      const effects = await bench.effects()
      expect(effects).toHaveLength(1_200)
      for (const key of keys) {
        const had = effects.filter((effect) => effect.key === key).map(({ n }) => n)
        expect(had).toHaveLength(60)
        expect(had).toEqual([...had].sort((a, b) => a - b))
      }
    },
    PATIENCE_MS,
  )

  test(
    'what is brought again has no second effect',
    async () => {
      const consumer = bench.consume({ topics: [topic] })
      await say(['a', 'b', 'c', 'a'])
      await untilHad(4)
      await consumer.caughtUp()
      await consumer.stop()

      await way.bringAgain(bench)
      const second = bench.consume({ topics: [topic] })
      await say(['d'], 4)
      await untilHad(5)
      await second.caughtUp()

      expect((await bench.effects()).map(({ n }) => n).sort()).toEqual([0, 1, 2, 3, 4])
    },
    PATIENCE_MS,
  )

  test(
    'what cannot have its effect lies aside with the reason, all else is had, and nothing is behind',
    async () => {
      const consumer = bench.consume({ topics: [topic], apply: appendHealthy })
      const keys = Array.from({ length: 500 }, (_, n) =>
        n % 100 === 50 ? `${n % 200 === 50 ? 'bad' : 'ill'} ${n}` : `k${n % 50}`,
      )

      await say(keys)
      await untilHad(495)
      await consumer.caughtUp()

      expect(await bench.effects()).toHaveLength(495)
      const aside = await bench.reader.$queryRaw<{ key: string; reason: string }[]>`
        SELECT key, reason FROM dead_letter`
      expect(aside).toHaveLength(5)
      for (const { key, reason } of aside)
        expect(reason).toContain(key.startsWith('bad') ? 'expected never' : 'too ill')
    },
    PATIENCE_MS,
  )

  test(
    'what fails twice and then works is not overtaken by what was said of the same later',
    async () => {
      let triesAlone = 0
      bench.consume({
        topics: [topic],
        async apply(tx, events) {
          const isThere = events.some(({ payload }) => (payload as { n: number }).n === 1)
          if (isThere && events.length === 1) triesAlone++
          if (isThere && triesAlone < 3) throw new Error('not yet')
          await append(tx, events)
        },
      })

      await say(['a', 'a', 'a', 'b', 'a', 'b'])
      await untilHad(6)

      const effects = await bench.effects()
      expect(effects.filter(({ key }) => key === 'a').map(({ n }) => n)).toEqual([0, 1, 2, 4])
      expect(effects.filter(({ key }) => key === 'b').map(({ n }) => n)).toEqual([3, 5])
      expect(await bench.reader.$queryRaw`SELECT key FROM dead_letter`).toEqual([])
    },
    PATIENCE_MS,
  )

  test(
    'a consumer that hangs is noticed and another one begun, which has what the first one had not',
    async () => {
      let isHanging = true
      const restarts = async (): Promise<number> => {
        const counter = await metrics.getSingleMetric('cadenza_consumer_restarts_total')?.get()
        return counter?.values.find(({ labels }) => labels['consumer'] === 'catalog.hanging')?.value ?? 0
      }
      const consumer = bench.consume({
        name: 'catalog.hanging',
        topics: [topic],
        silenceMs: 3_000,
        async apply(tx, events) {
          if (isHanging && events.some(({ key }) => key === 'stop')) {
            isHanging = false
            await new Promise(() => undefined)
          }
          await append(tx, events)
        },
      })
      await say(['a', 'b'])
      await untilHad(2)
      const before = await restarts()

      await say(['c', 'stop', 'd'], 2)
      await untilHad(5)
      await consumer.caughtUp()

      expect(await restarts()).toBeGreaterThan(before)
      expect((await bench.effects()).map(({ n }) => n).sort()).toEqual([0, 1, 2, 3, 4])
    },
    PATIENCE_MS,
  )

  test(
    'a dead letter is tried again when it is asked for: it works and is gone, or stays with the new reason',
    async () => {
      let cause = 'not yet'
      const consumer = bench.consume({
        topics: [topic],
        async apply(tx, events) {
          const failing = events.filter(
            ({ key }) => key === 'never' || (key === 'later' && cause === 'not yet'),
          )
          if (failing.length > 0) throw new Error(cause)
          await append(tx, events)
        },
      })
      await say(['first', 'later', 'never', 'last'])
      await untilHad(2)
      await consumer.caughtUp()
      cause = 'still not'

      expect(await requestReplay(bench.url, 'catalog', { consumer: 'users.other' })).toBe(0)
      expect(await requestReplay(bench.url, 'catalog', { consumer: 'catalog.effects' })).toBe(2)
      await untilHad(3)

      await vi.waitFor(
        async () =>
          expect(await bench.reader.$queryRaw`SELECT key, reason, replay_at FROM dead_letter`).toEqual([
            { key: 'never', reason: 'still not', replay_at: null },
          ]),
        { timeout: 10_000 },
      )
      expect((await bench.effects()).map(({ key }) => key).sort()).toEqual(['first', 'last', 'later'])
    },
    PATIENCE_MS,
  )
})

/** Has the effect of all but those whose key says that they are poison: some break their schema, some the effect. */
async function appendHealthy(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void> {
  for (const { key } of events) {
    if (key.startsWith('bad')) z.never().parse(key)
    if (key.startsWith('ill')) throw new Error('too ill')
  }
  await append(tx, events)
}

/** A transaction that has an id, and is not over before `end`. */
async function hold(db: SqlDatabase, isSilent: boolean): Promise<{ end(): Promise<void> }> {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return new Promise((resolve, reject) => {
    const held: Promise<void> = db.$transaction(
      async (tx) => {
        if (isSilent) await publishNothing(tx)
        await tx.$queryRaw`SELECT pg_current_xact_id()::text`
        resolve({
          end() {
            end()
            return held
          },
        })
        await ended
      },
      { timeout: PATIENCE_MS },
    )
    held.catch(reject)
  })
}
