import { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { createHintTopic, type HintTopic } from './hint-topic.ts'

const RECONNECT_MS = 500
const PING_MS = 1_000
/** How often in a row a connection may leave a ping without answer; a process that is busy misses one. */
const MISSED_PINGS = 2

/** Nothing waits for long, and nothing waits for a connection: ioredis by itself would for a minute, or for ever. */
const OPTIONS = {
  commandTimeout: 150,
  maxRetriesPerRequest: 1,
  connectTimeout: 500,
  enableOfflineQueue: false,
  autoResubscribe: false,
  retryStrategy: () => null,
} as const

/**
 * Hints by Redis on one channel. Plain publish and subscribe, which every node of a cluster passes on to all the others: one
 * connection to any of them will do, and `nodes` are tried in turn. Redis away costs the hints of that time, and no start waits
 * for it.
 */
export function createRedisTopic(nodes: readonly string[], name: string, logger: Logger): HintTopic {
  const channel = `cadenza:hints:${name}`
  return createHintTopic((receive) => {
    const ear = createLink(nodes, logger, async (client) => {
      client.on('message', (_, text) => receive(text))
      await client.subscribe(channel)
    })
    const mouth = createLink(nodes, logger, async () => undefined)
    return {
      async send(texts) {
        const client = mouth.client()
        await Promise.allSettled(texts.map((text) => client.publish(channel, text)))
      },
      async close() {
        ear.close()
        mouth.close()
      },
    }
  })
}

/** A connection that is made anew, to the next node, whenever it is lost or falls silent. */
interface Link {
  client(): Redis
  close(): void
}

function createLink(
  nodes: readonly string[],
  logger: Logger,
  prepare: (client: Redis) => Promise<void>,
): Link {
  let turn = 0
  let isClosed = false
  let isAway = false
  let reconnecting: NodeJS.Timeout | undefined
  let client = open()

  function open(): Redis {
    const opened = new Redis(nodes[turn++ % nodes.length] ?? '', OPTIONS)
    let pinging: NodeJS.Timeout | undefined
    opened.on('error', () => undefined) // its end follows
    opened.on('ready', () => {
      pinging = keepAwake(opened)
      prepare(opened).then(
        () => report(false),
        () => opened.disconnect(),
      )
    })
    opened.on('end', () => {
      clearInterval(pinging)
      report(true)
      if (isClosed) return
      reconnecting = setTimeout(() => {
        client = open()
      }, RECONNECT_MS)
    })
    return opened
  }

  function report(isNowAway: boolean): void {
    if (isClosed || isNowAway === isAway) return
    isAway = isNowAway
    if (isAway) logger.warn('Redis is away: hints between processes wait for the next poll')
    else logger.info('Redis is back')
  }

  return {
    client: () => client,
    close() {
      isClosed = true
      clearTimeout(reconnecting)
      client.disconnect()
    },
  }
}

/** Ends a connection whose other side does not answer any more: nothing else would notice. */
function keepAwake(client: Redis): NodeJS.Timeout {
  let missed = 0
  return setInterval(() => {
    client.ping().then(
      () => {
        missed = 0
      },
      () => {
        if (++missed >= MISSED_PINGS) client.disconnect()
      },
    )
  }, PING_MS).unref()
}
