import type pg from 'pg'
import { createClient } from './database.ts'

/** Carries hints between processes: "look again at this key". Never the truth: a lost hint costs one poll. */
export interface HintTopic {
  /** Calls `onHint` with each hint's text for `key`; returns the way to leave. */
  listen(key: string, onHint: (hint: string) => void): () => void
  /**
   * Hints are said after commit; nobody waits for them and their loss is not an error. Of several for one key that cannot
   * go out at once, the last is enough.
   */
  say(key: string, hint: string): void
  /** How many listeners there are now: the figure that shows a leak. */
  size(): number
  close(): Promise<void>
}

const RECONNECT_MS = 500

/** Hints by PostgreSQL LISTEN/NOTIFY on one channel: reaches every process on the database, this one included. */
export async function createPostgresTopic(databaseUrl: string, channel: string): Promise<HintTopic> {
  const listeners = new Map<string, Set<(hint: string) => void>>()
  const unsaid = new Map<string, string>()
  let isSaying = false
  let isClosed = false
  let timer: NodeJS.Timeout | null = null

  const connect = async (): Promise<pg.Client> => {
    const client = createClient(databaseUrl, `hints ${channel}`)
    client.on('error', () => reconnect())
    client.on('notification', ({ payload = '' }) => {
      const separator = payload.indexOf(' ')
      for (const listener of listeners.get(payload.slice(0, separator)) ?? [])
        listener(payload.slice(separator + 1))
    })
    await client.connect()
    // A transaction that notifies holds a lock of the whole database until it ends: without this, through a write to the disk.
    await client.query('SET synchronous_commit TO off')
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
    return client
  }

  let connection = connect()
  await connection

  function reconnect(): void {
    if (isClosed || timer !== null) return
    timer = setTimeout(() => {
      timer = null
      connection = connect()
      connection.catch(reconnect)
    }, RECONNECT_MS)
  }

  async function sayAll(): Promise<void> {
    isSaying = true
    while (unsaid.size > 0) {
      const hints = [...unsaid].map(([key, hint]) => `${key} ${hint}`)
      unsaid.clear()
      await connection
        .then((client) =>
          client.query('SELECT pg_notify($1, hint) FROM unnest($2::text[]) AS hint', [channel, hints]),
        )
        .catch(() => undefined)
    }
    isSaying = false
  }

  return {
    listen(key, onHint) {
      const own = listeners.get(key) ?? new Set()
      listeners.set(key, own.add(onHint))
      return () => {
        own.delete(onHint)
        if (own.size === 0 && listeners.get(key) === own) listeners.delete(key)
      }
    },
    say(key, hint) {
      unsaid.set(key, hint)
      if (!isSaying) void sayAll()
    },
    size() {
      return [...listeners.values()].reduce((sum, own) => sum + own.size, 0)
    },
    async close() {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
      await connection.then((client) => client.end()).catch(() => undefined)
    },
  }
}
