import pg from 'pg'
import { createClient, createReaders } from './database.ts'
import { IS_SETTLED, SETTLED_BELOW } from './settled.ts'

/** A position in one room's log. Transaction ids and sequences are 64-bit and travel as text. */
export interface LogPosition {
  xid: string
  seq: string
}

export interface LogEvent {
  id: string
  topic: string
  key: string
  at: Date
  payload: unknown
  position: LogPosition
}

/** The event log as its readers see it. The embedded form reads the outbox tables themselves. */
export interface EventLog {
  /** Up to `limit` events of `room` after `position`, in order; only those no earlier event can still slip in front of. */
  read(room: string, after: LogPosition, topics: readonly string[], limit: number): Promise<LogPage>
  /** Where the log ends now: what is committed from now on lies behind it, and perhaps some of what was committed just before. */
  end(): Promise<LogPosition>
  /** Calls `wake` whenever `room` may have news; returns the way to stop. A lost hint costs one poll, never an event. */
  onNews(room: string, wake: () => void): () => void
  /** Who carries events from room to room, where consumers do not read the outboxes themselves. */
  readonly broker?: Broker
  close(): Promise<void>
}

/** Carries events from the rooms' outboxes to consumers that may have no other way to them. */
export interface Broker {
  /** Carries what `room` says, in order, in this process or in another one that does so already. */
  createRelay(room: string): Relay
  subscribe(options: SubscriptionOptions): Subscription
}

export interface Relay {
  start(): void
  stop(): Promise<void>
  /** Resolves once everything that the room has said until now was carried. */
  caughtUp(): Promise<void>
}

export interface SubscriptionOptions {
  /** Those who share a name share the work. */
  name: string
  topics: readonly string[]
  /** After so long without a sign of life it is thrown away, and another one made. */
  silenceMs: number
  /** Has the effect of events, in order of their keys; brought again, whole or in part, unless it resolves. */
  have(events: readonly DeliveredEvent[], stillMine: () => Promise<boolean>): Promise<void>
}

export interface Subscription {
  stop(): Promise<void>
  /** How many events lie before this name, in all its partitions, that have not had their effect. */
  lag(): Promise<number>
}

/** An event as a broker brings it, once or more often. */
export interface DeliveredEvent extends Omit<LogEvent, 'position'> {
  /** Where it lies in its room's outbox. */
  position: LogPosition | null
  /** Why it cannot be read; null for every event that a room has said. */
  fault: string | null
}

export interface LogPage {
  events: LogEvent[]
  /** Where to read on: beyond the last event looked at, whether or not it was of the topics asked for. */
  next: LogPosition
  ahead: Ahead
}

/** What lies beyond a page: nothing, more to read now, or events that a running transaction may still slip in front of. */
export type Ahead = 'nothing' | 'more' | 'unsettled'

export const LOG_START: LogPosition = { xid: '0', seq: '0' }

export function isBefore(one: LogPosition, other: LogPosition): boolean {
  const [xid, otherXid] = [BigInt(one.xid), BigInt(other.xid)]
  return xid < otherXid || (xid === otherXid && BigInt(one.seq) < BigInt(other.seq))
}

const RECONNECT_MS = 500

/**
 * The embedded log: the rooms' outbox tables in one PostgreSQL, woken by NOTIFY. Rows are shown once they are settled (`settled.ts`):
 * so nobody misses one.
 */
export async function createEmbeddedLog(databaseUrl: string): Promise<EventLog> {
  const listeners = new Map<string, Set<() => void>>()
  let isClosed = false
  let reconnecting: NodeJS.Timeout | null = null
  const readers = createReaders(databaseUrl, 'event log')
  let connection = connect()
  await connection

  async function connect(): Promise<pg.Client> {
    const client = createClient(databaseUrl, 'event log')
    client.on('notification', ({ payload }) => wake(listeners.get(payload ?? '')))
    client.on('error', () => undefined) // its end follows
    client.on('end', reconnect)
    await client.connect()
    await client.query('LISTEN outbox')
    return client
  }

  function reconnect(): void {
    if (isClosed || reconnecting !== null) return
    reconnecting = setTimeout(() => {
      reconnecting = null
      connection = connect()
      // Whatever was said while nobody listened is found by reading once.
      connection.then(() => [...listeners.values()].forEach(wake), reconnect)
    }, RECONNECT_MS)
  }

  return {
    async read(room, after, topics, limit) {
      const rows = await readOutbox(readers, room, after, limit)
      const settled = rows.filter((row) => row.isSettled)
      const events = settled.map(({ xid, seq, isSettled, ...event }) => ({
        ...event,
        position: { xid, seq },
      }))
      return {
        events: events.filter((event) => topics.includes(event.topic)),
        next: events.at(-1)?.position ?? after,
        ahead: settled.length < rows.length ? 'unsettled' : rows.length < limit ? 'nothing' : 'more',
      }
    },

    async end() {
      const { rows } = await readers.query<{ xid: string }>(`SELECT (${SETTLED_BELOW})::text AS xid`)
      return { xid: rows[0]?.xid ?? LOG_START.xid, seq: LOG_START.seq }
    },

    onNews(room, wake) {
      const wakes = listeners.get(room) ?? new Set()
      listeners.set(room, wakes.add(wake))
      return () => wakes.delete(wake)
    },

    async close() {
      isClosed = true
      if (reconnecting !== null) clearTimeout(reconnecting)
      await connection.then((client) => client.end()).catch(() => undefined)
      await readers.end()
    },
  }
}

interface Row extends Omit<LogEvent, 'position'>, LogPosition {
  isSettled: boolean
}

async function readOutbox(readers: pg.Pool, room: string, after: LogPosition, limit: number): Promise<Row[]> {
  // Qualified, or ORDER BY would sort the text columns of the answer: '10' before '9'.
  const { rows } = await readers.query<Row>(
    `SELECT id, topic, key, at, payload, xid::text, seq::text,
            ${IS_SETTLED} AS "isSettled"
       FROM ${pg.escapeIdentifier(room)}.outbox
      WHERE (xid, seq) > ($1::text::xid8, $2::bigint) ORDER BY outbox.xid, outbox.seq LIMIT $3`,
    [after.xid, after.seq, limit],
  )
  return rows
}

function wake(wakes: Iterable<() => void> = []): void {
  for (const ring of wakes) ring()
}
