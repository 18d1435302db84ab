import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { HAS_REDIS, startRedis, startRedisCluster, type TestRedis } from '#shared/testing/redis.ts'
import { createMemoryStore } from './memory-store.ts'
import { createRedisStore } from './redis-store.ts'
import type { RowStore } from './row-store.ts'

const logger = createLogger('test', 'silent')

/** A store as one process has it; `other` has the same rows in another process, where there is such a thing. */
interface Opened extends AsyncDisposable {
  store: RowStore
  other: RowStore
}

const WAYS: Record<string, () => Promise<Opened>> = {
  memory: async () => {
    const store = createMemoryStore(1_000_000)
    return { store, other: store, [Symbol.asyncDispose]: async () => store.close() }
  },
  ...(HAS_REDIS && {
    Redis: async () => {
      const redis = await startRedis()
      return opened([redis.url], async () => redis[Symbol.asyncDispose]())
    },
    'a cluster of Redis': async () => {
      const cluster = await startRedisCluster()
      return opened(
        cluster.nodes.map(({ url }) => url),
        async () => cluster[Symbol.asyncDispose](),
      )
    },
  }),
}

async function opened(nodes: string[], stop: () => Promise<void>): Promise<Opened> {
  const [store, other] = [createRedisStore(nodes, logger), createRedisStore(nodes, logger)]
  for (const each of [store, other]) await becomesReady(each)
  return {
    store,
    other,
    async [Symbol.asyncDispose]() {
      await store.close()
      await other.close()
      await stop()
    },
  }
}

/** A look that grants a leave. */
async function becomesReady(store: RowStore): Promise<void> {
  await vi.waitFor(
    async () => {
      const [shelf] = await store.look([{ id: randomUUID(), part: 'row' }])
      expect(shelf?.leave).not.toBe('')
    },
    { timeout: 15_000, interval: 50 },
  )
}

const at = (id: string, part = 'row') => ({ id, part })

describe.each(Object.entries(WAYS))('%s', (_, open) => {
  let ways: Opened
  beforeAll(async () => {
    ways = await open()
  })
  afterAll(() => ways[Symbol.asyncDispose]())

  async function keep(id: string, value: object | null, part = 'row'): Promise<void> {
    const [shelf] = await ways.store.look([at(id, part)])
    await ways.store.keep([{ ...at(id, part), leave: shelf?.leave ?? '', value }])
  }
  const valuesOf = async (...places: { id: string; part: string }[]): Promise<unknown[]> =>
    (await ways.other.look(places)).map(({ value }) => value)

  test('what is kept is there, part by part, in the order asked', async () => {
    const [a, b] = [randomUUID(), randomUUID()]
    await keep(a, { title: 'Été', markets: null })
    await keep(a, [1, 2], 'list')
    await keep(b, null)

    expect(await valuesOf(at(b), at(a, 'list'), at(randomUUID()), at(a))).toEqual([
      null,
      [1, 2],
      undefined,
      { title: 'Été', markets: null },
    ])
  })

  test('an eviction takes all parts of its ids and nothing else', async () => {
    const [a, b] = [randomUUID(), randomUUID()]
    for (const id of [a, b]) await keep(id, { id })
    await keep(a, [1], 'list')

    await ways.store.evict([a])

    expect(await valuesOf(at(a), at(a, 'list'), at(b))).toEqual([undefined, undefined, { id: b }])
  })

  test('what was read before an eviction is not kept after it, whoever evicted', async () => {
    const id = randomUUID()
    const [shelf] = await ways.store.look([at(id)])
    await ways.other.evict([id])
    const [next] = await ways.other.look([at(id)])

    await ways.store.keep([{ ...at(id), leave: shelf?.leave ?? '', value: { name: 'old' } }])
    const before = await valuesOf(at(id))
    await ways.other.keep([{ ...at(id), leave: next?.leave ?? '', value: { name: 'new' } }])

    expect([before, await valuesOf(at(id))]).toEqual([[undefined], [{ name: 'new' }]])
  })

  test('everything can be evicted', async () => {
    const ids = Array.from({ length: 50 }, () => randomUUID())
    for (const id of ids) await keep(id, { id })

    await ways.store.evict(null)

    expect(await valuesOf(...ids.map((id) => at(id)))).toEqual(Array(50).fill(undefined))
  })
})

test('memory gives up what was asked for longest ago, and stays within its bounds', async () => {
  const store = createMemoryStore(30_000)
  const keep = async (id: string): Promise<void> => {
    const [shelf] = await store.look([at(id)])
    await store.keep([{ ...at(id), leave: shelf?.leave ?? '', value: 'x'.repeat(1_000) }])
  }
  for (let index = 0; index < 8; index++) await keep(`id ${index}`)
  await store.look([at('id 0')])
  await keep('id 8')

  const shelves = await store.look(Array.from({ length: 9 }, (_, index) => at(`id ${index}`)))

  const kept = shelves.map(({ value }) => value !== undefined)
  expect(kept).toEqual([true, false, ...Array(7).fill(true)])
})

describe.skipIf(!HAS_REDIS)('Redis that goes away', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis[Symbol.asyncDispose]())

  test('one that does not answer is waited for once, and what was evicted meanwhile is gone when it is back', async () => {
    const store = createRedisStore([redis.url], logger)
    await becomesReady(store)
    const id = randomUUID()
    const [shelf] = await store.look([at(id)])
    await store.keep([{ ...at(id), leave: shelf?.leave ?? '', value: 'old' }])
    redis.pause()

    await store.evict([id])
    const begun = performance.now()
    for (let times = 0; times < 20; times++) expect((await store.look([at(id)]))[0]?.value).toBeUndefined()
    const waited = performance.now() - begun
    redis.resume()
    await becomesReady(store)

    expect(waited).toBeLessThan(400)
    expect((await store.look([at(id)]))[0]?.value).toBeUndefined()
    await store.close()
  })

  test('one that was killed is used again when it is back', async () => {
    const store = createRedisStore([redis.url], logger)
    await becomesReady(store)
    await redis.kill()
    expect(await store.look([at('a')])).toEqual([{ value: undefined, leave: '' }])
    await redis.start()

    await becomesReady(store)

    await store.close()
  })
})
