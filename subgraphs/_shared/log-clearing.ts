import pg from 'pg'
import type { Logger } from 'pino'
import { type Clearing, createClearing } from './clearing.ts'
import { createClient } from './database.ts'
import { type EventLog, LOG_START, type LogPosition } from './event-log.ts'
import { createLogPartitions, type Lasting } from './log-partitions.ts'

export interface LogClearingOptions {
  databaseUrl: string
  room: string
  lasting: Lasting
  /** Where a broker carries the events the relay is the one reader that counts, and else it is none. */
  log: Pick<EventLog, 'broker'>
  logger: Logger
  /** The time, in ms. */
  now?: () => number
}

/** How long events stay at least, and ids in the inbox. */
const KEPT_MS = 7 * 86_400_000
const BATCH = 1_000
/** Copying what stays of a week takes a while. */
const PATIENCE_MS = 600_000

/**
 * Keeps a room's outbox and inbox from growing for ever. A week of the outbox goes when it has been over for a week and every consumer of the
 * room has read it, but for what `lasting` says: a consumer that is yet to come still learns how everything is. Ids in the inbox go
 * after a week, for no log brings an event again that late. One process of many does it.
 */
export function createLogClearing(options: LogClearingOptions): Clearing {
  const { databaseUrl, room, lasting, log, logger, now = Date.now } = options
  const schema = pg.escapeIdentifier(room)

  async function clearInbox(client: pg.Client): Promise<number> {
    const { rowCount } = await client.query(
      `DELETE FROM ${schema}.inbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${schema}.inbox WHERE at < $1 LIMIT $2))`,
      [new Date(now() - KEPT_MS), BATCH],
    )
    return rowCount ?? 0
  }

  async function clearOutbox(guard: pg.Client, writer: pg.Client): Promise<number> {
    const partitions = createLogPartitions(guard, writer, room, lasting)
    await partitions.openAhead(new Date(now()))
    for (let gone = 0; ; ) {
      const last = await lastReader(writer, room, log.broker !== undefined)
      const dropped = await partitions.dropOldest(new Date(now() - KEPT_MS), last ?? LOG_START)
      if (dropped === 'unread')
        logger.warn({ room, consumer: last?.consumer }, 'a week stays because this consumer has not read it')
      if (typeof dropped !== 'number') return gone
      gone += dropped
    }
  }

  return createClearing(async () => {
    const [writer, guard] = [connection(), connection()]
    try {
      await Promise.all([writer.connect(), guard.connect()])
      if (!(await takeLock(writer))) return 0
      const forgotten = await clearInbox(writer)
      return forgotten > 0 ? forgotten : await clearOutbox(guard, writer)
    } finally {
      await Promise.all([writer.end(), guard.end()])
    }
  }, logger)

  function connection(): pg.Client {
    const client = createClient(databaseUrl, `clearing ${room}`, PATIENCE_MS)
    client.on('error', () => undefined) // what is asked of it next fails
    return client
  }

  async function takeLock(client: pg.Client): Promise<boolean> {
    const { rows } = await client.query<{ isMine: boolean }>(
      `SELECT pg_try_advisory_lock(hashtext('cadenza clearing'), hashtext($1)) AS "isMine"`,
      [room],
    )
    return rows[0]?.isMine === true
  }
}

/** The consumer of a room's log, in whichever room, that has read the least of it; null while there is none. */
async function lastReader(
  client: pg.Client,
  room: string,
  isCarried: boolean,
): Promise<(LogPosition & { consumer: string }) | null> {
  const { rows: tables } = await client.query<{ table_schema: string }>(
    `SELECT table_schema FROM information_schema.tables WHERE table_name = 'log_position'`,
  )
  if (tables.length === 0) return null
  const positions = tables.map(
    ({ table_schema }) =>
      `SELECT consumer, xid, seq FROM ${pg.escapeIdentifier(table_schema)}.log_position
        WHERE source = $1 AND (consumer = $1 || '.relay') = $2`,
  )
  const { rows } = await client.query<LogPosition & { consumer: string }>(
    `SELECT consumer, xid::text, seq::text FROM (${positions.join(' UNION ALL ')}) AS reader
      ORDER BY reader.xid, reader.seq LIMIT 1`,
    [room, isCarried],
  )
  return rows[0] ?? null
}
