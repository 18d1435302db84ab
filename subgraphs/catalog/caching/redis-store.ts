import { randomBytes } from 'node:crypto'
import { Cluster, Redis } from 'ioredis'
import type { Logger } from '#shared/telemetry.ts'
import { KEPT_SECONDS, type Place, type RowStore, type Shelf } from './row-store.ts'

const PREFIX = 'cadenza:catalog:rows:'

/** A hash an id: its leave under the empty name, its parts under theirs. One script, so that nothing comes between. */
const LOOK = `
local leave = redis.call('HGET', KEYS[1], '')
if not leave then
  leave = ARGV[1]
  redis.call('HSET', KEYS[1], '', leave)
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return { leave, redis.call('HGET', KEYS[1], ARGV[3]) }`
const KEEP = `
if redis.call('HGET', KEYS[1], '') == ARGV[1] then redis.call('HSET', KEYS[1], ARGV[2], ARGV[3]) end`

/** Reading the database takes less than waiting for a cache that does not answer. */
const OPTIONS = {
  commandTimeout: 150,
  maxRetriesPerRequest: 1,
  connectTimeout: 500,
  enableOfflineQueue: false,
} as const
const RETRY_MS = 500

/**
 * Rows in Redis, or in a cluster of it, shared by all processes. Redis away costs the reads it would have spared: nothing waits for
 * it twice, and before anything of it is believed again, all that was to be evicted meanwhile is.
 */
export function createRedisStore(nodes: readonly string[], logger: Logger): RowStore {
  const client = connect(nodes)
  const owed = new Set<string>()
  let owesAll = false
  let isAway = true
  let isClosed = false
  let retry = setTimeout(() => void comeBack(), RETRY_MS)
  client.on('error', () => undefined) // commands fail with it
  client.once('ready', () => void comeBack())

  /** Anything that goes wrong: from now on it is away, until what is owed has been paid. */
  function leave(error: unknown): void {
    if (isAway || isClosed) return
    isAway = true
    logger.warn({ err: error }, 'Redis is away: the catalogue is read from the database')
    retry = setTimeout(() => void comeBack(), RETRY_MS)
  }

  async function comeBack(): Promise<void> {
    clearTimeout(retry)
    try {
      await client.eval('return 1', 1, PREFIX)
      await pay()
      if (isAway) logger.info('Redis keeps rows of the catalogue')
      isAway = false
    } catch {
      if (!isClosed) retry = setTimeout(() => void comeBack(), RETRY_MS)
    }
  }

  /** Evicts what is owed. What is added meanwhile is paid as well. */
  async function pay(): Promise<void> {
    while (owesAll || owed.size > 0) {
      const ids = [...owed]
      const wasAll = owesAll
      owesAll = false
      owed.clear()
      try {
        if (wasAll) await unlinkAll(client)
        else await Promise.all(ids.map((id) => client.unlink(PREFIX + id)))
      } catch (error) {
        for (const id of ids) owed.add(id)
        owesAll ||= wasAll
        throw error
      }
    }
  }

  const nothing = (places: readonly Place[]): Shelf[] => places.map(() => ({ value: undefined, leave: '' }))

  return {
    async look(places) {
      if (isAway || owesAll || owed.size > 0) return nothing(places)
      const fresh = randomBytes(9).toString('base64url')
      try {
        return await Promise.all(
          places.map(async ({ id, part }): Promise<Shelf> => {
            const found = (await client.eval(LOOK, 1, PREFIX + id, fresh, KEPT_SECONDS, part)) as [
              string,
              string | null,
            ]
            return { leave: found[0], value: found[1] === null ? undefined : JSON.parse(found[1]) }
          }),
        )
      } catch (error) {
        leave(error)
        return nothing(places)
      }
    },

    async keep(values) {
      if (isAway) return
      const granted = values.filter(({ leave }) => leave !== '')
      await Promise.all(
        granted.map(({ id, part, leave, value }) =>
          client.eval(KEEP, 1, PREFIX + id, leave, part, JSON.stringify(value)),
        ),
      ).catch(leave)
    },

    async evict(ids) {
      if (ids === null) owesAll = true
      else for (const id of ids) owed.add(id)
      if (!isAway) await pay().catch(leave)
    },

    async close() {
      isClosed = true
      clearTimeout(retry)
      client.disconnect()
    },
  }
}

function connect(nodes: readonly string[]): Redis | Cluster {
  const [first = '', ...more] = nodes
  if (more.length === 0)
    return new Redis(first, { ...OPTIONS, enableAutoPipelining: true, retryStrategy: () => RETRY_MS })
  return new Cluster([...nodes], {
    redisOptions: OPTIONS,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    slotsRefreshTimeout: 500,
    clusterRetryStrategy: () => RETRY_MS,
  })
}

async function unlinkAll(client: Redis | Cluster): Promise<void> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client]
  for (const node of nodes) {
    let cursor = '0'
    do {
      const [next, keys] = await node.scan(cursor, 'MATCH', `${PREFIX}*`, 'COUNT', 1_000)
      if (keys.length > 0) await Promise.all(keys.map((key) => node.unlink(key)))
      cursor = next
    } while (cursor !== '0')
  }
}
