import type { Kafka, Producer } from 'kafkajs'
import pg from 'pg'
import type { Logger } from 'pino'
import { createBell } from '../bell.ts'
import { createClient } from '../database.ts'
import { isBefore, LOG_START, type LogPosition, type Relay } from '../event-log.ts'
import { IS_SETTLED } from '../settled.ts'
import { relayEvents, relayLag } from '../telemetry.ts'
import { createProducer } from './client.ts'
import type { OutboxRow } from './messages.ts'
import { byTopic, isTooLarge, MOST_BYTES, parts } from './requests.ts'
import type { Topics } from './topics.ts'

export interface RelayOptions {
  room: string
  databaseUrl: string
  kafka: Kafka
  kept: Topics
  logger: Logger
}

const PAGE = 1_000
const POLL_MS = 1_000
const UNSETTLED_MS = 20
const BACK_OFF_MS = [200, 1_000, 2_000]
const ALL_REPLICAS = -1

interface Page {
  rows: OutboxRow[]
  next: LogPosition
  ahead: 'nothing' | 'more' | 'unsettled'
}

/**
 * Carries one room's outbox to Kafka in the order of (xid, seq), behind the same guard as every reader: nothing is sent that a running
 * transaction could still slip something in front of. A page is done with when all replicas have it; only then the position moves, so
 * whatever ends this brings a page twice at worst, in the same order, and the consumers' inboxes see to that.
 *
 * One relay of many works: it holds an advisory lock with the very connection that it reads and saves its position by, and so
 * loses all three together. A row's lock would not do: its transaction would hold back the guard of everybody while a broker is away.
 */
export function createRelay(options: RelayOptions): Relay {
  const { room, databaseUrl, kafka, kept, logger } = options
  const name = `${room}.relay`
  const schema = pg.escapeIdentifier(room)
  const bell = createBell()
  let isRunning = false
  let isHinted = false
  let failures = 0
  /** The first event that is not carried yet. */
  let waiting: OutboxRow | undefined
  let loop: Promise<void> = Promise.resolve()

  const wake = (): void => {
    isHinted = true
    bell.ring()
  }

  /** Works for as long as the connections hold; throws when one of them does not. */
  async function carry(client: pg.Client, producer: Producer): Promise<void> {
    let position = await positionOf(client)
    let reading: Promise<Page> | null = null
    while (isRunning) {
      isHinted = false
      const page: Page = await (reading ?? readPage(client, position))
      // The next page is read while this one is on its way.
      reading = page.ahead === 'more' ? readPage(client, page.next) : null
      reading?.catch(() => undefined)
      waiting = page.rows[0]
      if (waiting !== undefined) {
        await kept.ensure([...new Set(page.rows.map((row) => row.topic))])
        await send(client, producer, page.rows)
        position = page.next
        await save(client, position)
        failures = 0
        relayEvents.inc({ room }, page.rows.length)
      }
      waiting = page.ahead === 'more' ? page.rows.at(-1) : undefined
      relayLag.set({ room }, ageOf(waiting))
      if (page.ahead !== 'more' && !isHinted)
        await bell.rest(page.ahead === 'nothing' ? POLL_MS : UNSETTLED_MS)
    }
  }

  async function send(client: pg.Client, producer: Producer, rows: readonly OutboxRow[]): Promise<void> {
    for (const part of parts(rows)) {
      const [first] = part
      if (first !== undefined && isTooLarge(first)) await setAside(client, first)
      else await producer.sendBatch({ acks: ALL_REPLICAS, topicMessages: byTopic(part) })
    }
  }

  /** What no broker takes would stand in the way for ever. */
  async function setAside(client: pg.Client, row: OutboxRow): Promise<void> {
    logger.error({ room, event: row.id }, 'event is too large for the broker, set aside')
    await client.query(
      `INSERT INTO ${schema}.dead_letter (consumer, event_id, topic, key, payload, reason)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [name, row.id, row.topic, row.key, row.payload, `larger than ${MOST_BYTES} bytes`],
    )
  }

  async function positionOf(client: pg.Client): Promise<LogPosition> {
    const { rows } = await client.query<LogPosition>(
      `SELECT xid::text, seq::text FROM ${schema}.log_position WHERE consumer = $1`,
      [name],
    )
    return rows[0] ?? LOG_START
  }

  async function save(client: pg.Client, { xid, seq }: LogPosition): Promise<void> {
    await client.query(
      `INSERT INTO ${schema}.log_position (consumer, source, xid, seq) VALUES ($1, $2, $3::text::xid8, $4)
       ON CONFLICT (consumer, source) DO UPDATE SET (xid, seq) = (excluded.xid, excluded.seq)`,
      [name, room, xid, seq],
    )
  }

  async function readPage(client: pg.Client, after: LogPosition): Promise<Page> {
    const { rows } = await client.query<OutboxRow & { isSettled: boolean }>(
      // Qualified, or ORDER BY would sort the text columns of the answer.
      `SELECT id, topic, key, payload::text, (extract(epoch FROM at) * 1000)::bigint::text AS at, xid::text, seq::text,
              ${IS_SETTLED} AS "isSettled"
         FROM ${schema}.outbox
        WHERE (xid, seq) > ($1::text::xid8, $2::bigint) ORDER BY outbox.xid, outbox.seq LIMIT $3`,
      [after.xid, after.seq, PAGE],
    )
    const settled = rows.filter((row) => row.isSettled)
    const ahead = settled.length < rows.length ? 'unsettled' : rows.length < PAGE ? 'nothing' : 'more'
    return { rows: settled, next: settled.at(-1) ?? after, ahead }
  }

  /** One turn: connections, the lock, and work until something fails or it is over. */
  async function turn(): Promise<void> {
    const client = createClient(databaseUrl, `relay ${room}`)
    const producer = createProducer(kafka)
    client.on('error', wake) // what is asked of it next fails
    client.on('notification', ({ payload }) => {
      if (payload === room) wake()
    })
    try {
      await client.connect()
      // A position that is lost costs a page that comes twice.
      await client.query('SET synchronous_commit TO off')
      if (!(await takeLock(client))) return await bell.rest(POLL_MS)
      await client.query('LISTEN outbox')
      await producer.connect()
      await carry(client, producer)
    } finally {
      await producer.disconnect().catch(() => undefined)
      await client.end().catch(() => undefined)
    }
  }

  async function takeLock(client: pg.Client): Promise<boolean> {
    const { rows } = await client.query<{ isMine: boolean }>(
      `SELECT pg_try_advisory_lock(hashtext('cadenza relay'), hashtext($1)) AS "isMine"`,
      [room],
    )
    return rows[0]?.isMine === true
  }

  async function run(): Promise<void> {
    while (isRunning) {
      await turn().catch(async (error: unknown) => {
        if (!isRunning) return
        kept.forget()
        relayLag.set({ room }, ageOf(waiting))
        // A broker that is away is said once.
        const level = failures === 0 ? 'warn' : 'debug'
        logger[level](
          { room, err: error },
          'events cannot be carried to the broker; they stay where they are',
        )
        await bell.rest(BACK_OFF_MS[Math.min(failures++, BACK_OFF_MS.length - 1)] ?? POLL_MS)
      })
    }
  }

  return {
    start() {
      isRunning = true
      loop = run()
    },
    async stop() {
      isRunning = false
      wake()
      await loop
    },
    async caughtUp() {
      const client = createClient(databaseUrl, `relay ${room}`)
      await client.connect()
      try {
        const { rows } = await client.query<LogPosition>(
          `SELECT xid::text, seq::text FROM ${schema}.outbox ORDER BY outbox.xid DESC, outbox.seq DESC LIMIT 1`,
        )
        const end = rows[0]
        while (end !== undefined && isBefore(await positionOf(client), end)) await sleep(UNSETTLED_MS)
      } finally {
        await client.end()
      }
    },
  }
}

function ageOf(row: OutboxRow | undefined): number {
  return row === undefined ? 0 : (Date.now() - Number(row.at)) / 1_000
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
