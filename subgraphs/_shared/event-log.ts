import type pg from 'pg'
import { createClient } from './database.ts'

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
  /** Calls `wake` whenever `room` may have news; returns the way to stop. A lost hint costs one poll, never an event. */
  onNews(room: string, wake: () => void): () => void
  close(): Promise<void>
}

export interface LogPage {
  events: LogEvent[]
  /** Where to read on: beyond the last event looked at, whether or not it was of the topics asked for. */
  next: LogPosition
  isCaughtUp: boolean
}

export const LOG_START: LogPosition = { xid: '0', seq: '0' }

const RECONNECT_MS = 500

/**
 * The embedded log: the rooms' outbox tables in one PostgreSQL, woken by NOTIFY.
 *
 * `xid < pg_snapshot_xmin(pg_current_snapshot())` keeps it complete: a row is shown only when no transaction that could
 * still commit a smaller position is running. Polling by sequence alone loses rows that commit late.
 */
export async function createEmbeddedLog(databaseUrl: string): Promise<EventLog> {
  const listeners = new Map<string, Set<() => void>>()
  let isClosed = false
  let reconnecting: NodeJS.Timeout | null = null

  const wakeAll = (): void => {
    for (const wakes of listeners.values()) for (const wake of wakes) wake()
  }

  const connect = async (): Promise<pg.Client> => {
    const client = createClient(databaseUrl, 'event log')
    client.on('notification', ({ payload }) => {
      for (const wake of listeners.get(payload ?? '') ?? []) wake()
    })
    client.on('error', () => reconnect())
    await client.connect()
    await client.query('LISTEN outbox')
    return client
  }

  let connection = connect()
  await connection

  const reconnect = (): void => {
    if (isClosed || reconnecting !== null) return
    reconnecting = setTimeout(() => {
      reconnecting = null
      connection = connect()
      // Whatever was said while nobody listened is found by reading once.
      connection.then(wakeAll, reconnect)
    }, RECONNECT_MS)
  }

  return {
    async read(room, after, topics, limit) {
      const client = await connection
      const { rows } = await client.query<Row>(
        `SELECT id, topic, key, at, payload, xid::text, seq::text
           FROM ${client.escapeIdentifier(room)}.outbox
          WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
          ORDER BY xid, seq LIMIT $3`,
        [after.xid, after.seq, limit],
      )
      const events = rows.map(({ xid, seq, ...event }) => ({ ...event, position: { xid, seq } }))
      return {
        events: events.filter((event) => topics.includes(event.topic)),
        next: events.at(-1)?.position ?? after,
        isCaughtUp: rows.length < limit,
      }
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
    },
  }
}

interface Row {
  id: string
  topic: string
  key: string
  at: Date
  payload: unknown
  xid: string
  seq: string
}
