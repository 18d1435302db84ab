import pg from 'pg'
import type { Logger } from 'pino'
import { type Clearing, createClearing } from './clearing.ts'
import { createReaders } from './database.ts'
import { LOG_START, type LogPosition } from './event-log.ts'

export interface LogClearingOptions {
  databaseUrl: string
  room: string
  /** Those whose events say how the thing under their key now is: a later one says all that an earlier one did. */
  topics: readonly string[]
  /** Whether a broker carries the events: then the relay is the one reader that counts, and else it is none. */
  isCarried?: boolean
  logger: Logger
}

const KEPT = '7 days'
const BATCH = 1_000

/**
 * Keeps a room's outbox and inbox from growing for ever. After a week an event goes when every consumer of the room has read it
 * and a later one of its topic and key is there: a consumer that is yet to come still learns how everything is. Ids in the
 * inbox go after a week, for no log brings an event again that late.
 */
export function createLogClearing(options: LogClearingOptions): Clearing {
  const { databaseUrl, room, topics, isCarried = false, logger } = options
  const pool = createReaders(databaseUrl, `clearing ${room}`)
  const schema = pg.escapeIdentifier(room)
  /** How far this clearing has looked. */
  let seen = LOG_START

  async function clearInbox(): Promise<number> {
    const { rowCount } = await pool.query(
      `DELETE FROM ${schema}.inbox WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${schema}.inbox WHERE at < clock_timestamp() - $1::interval LIMIT $2))`,
      [KEPT, BATCH],
    )
    return rowCount ?? 0
  }

  /** Looks at the next stretch of the log; says where it ends, null at the end, and how many events went. */
  async function clearStretch(read: LogPosition): Promise<{ end: LogPosition | null; gone: number }> {
    const { rows } = await pool.query<{ xid: string | null; seq: string; gone: number }>(
      `WITH stretch AS (
         SELECT xid, seq, topic, key FROM ${schema}.outbox
          WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND (xid, seq) <= ($3::text::xid8, $4::bigint)
            AND at < clock_timestamp() - $5::interval
          ORDER BY outbox.xid, outbox.seq LIMIT $6
       ), gone AS (
         DELETE FROM ${schema}.outbox event USING stretch
          WHERE event.seq = stretch.seq AND event.topic = ANY ($7::text[])
            AND EXISTS (SELECT FROM ${schema}.outbox later
                         WHERE later.key = event.key AND later.topic = event.topic
                           AND (later.xid, later.seq) > (event.xid, event.seq))
         RETURNING 1
       )
       SELECT max(xid)::text AS xid, max(seq)::text AS seq, (SELECT count(*)::int FROM gone) AS gone
         FROM (SELECT xid, seq FROM stretch ORDER BY stretch.xid DESC, stretch.seq DESC LIMIT 1) AS last`,
      [seen.xid, seen.seq, read.xid, read.seq, KEPT, BATCH, topics],
    )
    const { xid = null, seq = '0', gone = 0 } = rows[0] ?? {}
    return { end: xid === null ? null : { xid, seq }, gone }
  }

  const clearing = createClearing(async () => {
    const forgotten = await clearInbox()
    if (forgotten > 0) return forgotten
    const read = await readByAll(pool, room, isCarried)
    for (let gone = 0; read !== null && gone === 0; ) {
      const stretch = await clearStretch(read)
      if (stretch.end === null) break
      seen = stretch.end
      gone = stretch.gone
      if (gone > 0) return gone
    }
    seen = LOG_START
    return 0
  }, logger)

  return {
    ...clearing,
    async stop() {
      await clearing.stop()
      await pool.end()
    },
  }
}

/** Up to where every consumer of a room's log, in whichever room, has read it; null while there is none. */
async function readByAll(pool: pg.Pool, room: string, isCarried: boolean): Promise<LogPosition | null> {
  const { rows: tables } = await pool.query<{ table_schema: string }>(
    `SELECT table_schema FROM information_schema.tables WHERE table_name = 'log_position'`,
  )
  if (tables.length === 0) return null
  const positions = tables.map(
    ({ table_schema }) =>
      `SELECT xid, seq FROM ${pg.escapeIdentifier(table_schema)}.log_position
        WHERE source = $1 AND (consumer = $1 || '.relay') = $2`,
  )
  const { rows } = await pool.query<LogPosition>(
    `SELECT xid::text, seq::text FROM (${positions.join(' UNION ALL ')}) AS consumer
      ORDER BY consumer.xid, consumer.seq LIMIT 1`,
    [room, isCarried],
  )
  return rows[0] ?? null
}
