import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '../../../infra/standalone/postgres.ts'
import { redisUrl } from '../config.ts'
import { createLogger } from '../telemetry.ts'
import { createTestDatabase } from '../testing/database.ts'
import { HAS_REDIS, startRedis, startRedisCluster, type TestRedis } from '../testing/redis.ts'
import type { HintTopic } from './hint-topic.ts'
import { openTopic } from './open-topic.ts'
import { createRedisTopic } from './redis-topic.ts'

/** What hints travel by, and how to cut it off from everybody for a moment. */
interface Way extends AsyncDisposable {
  /** The topic as a process has it: each call is another process. */
  open(process: number): Promise<HintTopic>
  interrupt(): Promise<void>
}

const logger = createLogger('test', 'silent')

/** Until a hint that was said now comes through from each to the other. */
async function meet(one: HintTopic, other: HintTopic): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const said = randomUUID()
    let isHeard = false
    const leave = to.listen('meet', (hint) => {
      isHeard ||= hint === said
    })
    await vi.waitFor(
      () => {
        from.say('meet', said)
        if (!isHeard) throw new Error('They do not hear each other')
      },
      { timeout: 10_000, interval: 50 },
    )
    leave()
  }
}

async function byPostgres(): Promise<Way> {
  const database = await createTestDatabase()
  return {
    open: () => openTopic({ databaseUrl: database.url, logger }, 'test'),
    async interrupt() {
      const client = new pg.Client({ connectionString: database.url })
      await client.connect()
      await client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cadenza hints test'",
      )
      await client.end()
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

async function byRedis(): Promise<Way> {
  const redis = await startRedis()
  return {
    open: () => openTopic({ databaseUrl: '', redisUrl: redis.url, logger }, 'test'),
    async interrupt() {
      await redis.kill()
      await redis.start()
    },
    [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
  }
}

/** Each process knows the nodes in another order, so that they meet at different ones. */
async function byRedisCluster(): Promise<Way> {
  const cluster = await startRedisCluster()
  const urls = cluster.nodes.map((node) => node.url)
  return {
    open(process) {
      const nodes = [...urls.slice(process), ...urls.slice(0, process)]
      return openTopic({ databaseUrl: '', redisUrl: nodes.join(','), logger }, 'test')
    },
    async interrupt() {
      await cluster.nodes[1]?.kill()
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

const WAYS = [
  ['PostgreSQL', byPostgres, true],
  ['Redis', byRedis, HAS_REDIS],
  ['a cluster of Redis', byRedisCluster, HAS_REDIS],
] as const

describe.each(WAYS)('hints by %s', (_, start, isHere) => {
  let way: Way
  let here: HintTopic
  let there: HintTopic

  if (!isHere) return test.skip('redis-server is not installed', () => undefined)

  beforeAll(async () => {
    way = await start()
    here = await way.open(0)
    there = await way.open(1)
    await meet(here, there)
  })
  afterAll(async () => {
    await Promise.all([here.close(), there.close()])
    await way[Symbol.asyncDispose]()
  })

  test('a hint reaches those who listen for its key, once in every process', async () => {
    const heard: string[] = []
    const leave = [
      here.listen('a', (hint) => heard.push(`here ${hint}`)),
      there.listen('a', (hint) => heard.push(`there ${hint}`)),
      there.listen('b', (hint) => heard.push(`other ${hint}`)),
    ]

    here.say('a', 'look again')
    expect(heard).toEqual(['here look again'])
    here.say('b', 'the last')
    await expect.poll(() => heard.length).toBe(3)
    await new Promise((resolve) => setTimeout(resolve, 50))

    expect(heard).toEqual(['here look again', 'there look again', 'other the last'])
    expect([here.size(), there.size()]).toEqual([1, 2])
    for (const go of leave) go()
    expect([here.size(), there.size()]).toEqual([0, 0])
  })

  test('of a thousand hints at once each key hears its last', async () => {
    const last = new Map<string, string>()
    const leave = ['a', 'b', 'c'].map((key) => there.listen(key, (hint) => last.set(key, hint)))

    for (let n = 0; n < 1_000; n++) here.say('abc'[n % 3] ?? '', String(n))

    await expect
      .poll(() => [...last].sort())
      .toEqual([
        ['a', '999'],
        ['b', '997'],
        ['c', '998'],
      ])
    for (const go of leave) go()
  })

  test('a hint of the greatest length comes through whole, blanks and all', async () => {
    const hint = 'é ü'.repeat(1_500)
    const heard: string[] = []
    const leave = there.listen('a', (text) => heard.push(text))

    here.say('a', hint)

    await expect.poll(() => heard).toEqual([hint])
    leave()
  })

  test('after an interruption hints come through again; meanwhile nothing fails, and this process hears its own', async () => {
    const heard: string[] = []
    const leave = here.listen('a', (hint) => heard.push(hint))

    const interruption = way.interrupt()
    for (let n = 0; n < 20; n++) here.say('a', String(n))
    expect(heard).toHaveLength(20)
    await interruption

    await meet(here, there)
    leave()
  })
})

test.each([
  ['redis://cache:6379', true],
  ['rediss://user:secret@one,redis://two:6380/3', true],
  ['cache:6379', false],
  ['redis://one,http://two', false],
  ['redis://one,', false],
  ['', false],
])('REDIS_URL %j is accepted: %s', (text, isAccepted) => {
  expect(redisUrl.safeParse(text).success).toBe(isAccepted)
})

describe.skipIf(!HAS_REDIS)('Redis away', () => {
  let redis: TestRedis

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis[Symbol.asyncDispose]())

  test('a start does not wait for it, and finds it when it comes', async () => {
    await redis.kill()
    const topics = [0, 1].map(() => createRedisTopic([redis.url], 'late', logger))
    const [here, there] = topics as [HintTopic, HintTopic]
    here.say('a', 'lost')

    await redis.start()

    await meet(here, there)
    await Promise.all(topics.map((topic) => topic.close()))
  })

  test('a node that is not there is passed over for the next', async () => {
    const nowhere = `redis://127.0.0.1:${await freePort()}`
    const here = createRedisTopic([nowhere, redis.url], 'nodes', logger)
    const there = createRedisTopic([redis.url], 'nodes', logger)

    await meet(here, there)
    await Promise.all([here.close(), there.close()])
  })

  test('one that holds its sockets and says nothing costs nobody their time, and is given up', async () => {
    const other = await startRedis()
    const here = createRedisTopic([redis.url, other.url], 'silent', logger)
    const there = createRedisTopic([redis.url, other.url], 'silent', logger)
    await meet(here, there)

    redis.pause()
    const before = performance.now()
    for (let n = 0; n < 100; n++) here.say('a', String(n))
    expect(performance.now() - before).toBeLessThan(100)
    await meet(here, there)

    redis.resume()
    await Promise.all([here.close(), there.close()])
    await other[Symbol.asyncDispose]()
  })
})
