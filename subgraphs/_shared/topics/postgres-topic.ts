import type pg from 'pg'
import { createClient } from '../database.ts'
import { createHintTopic, type HintTopic } from './hint-topic.ts'

const RECONNECT_MS = 500

/** Hints by PostgreSQL LISTEN/NOTIFY on one channel: they reach every process on the database. */
export async function createPostgresTopic(databaseUrl: string, channel: string): Promise<HintTopic> {
  let receive: (text: string) => void = () => undefined
  let isClosed = false
  let timer: NodeJS.Timeout | null = null

  const connect = async (): Promise<pg.Client> => {
    const client = createClient(databaseUrl, `hints ${channel}`)
    client.on('error', () => reconnect())
    client.on('notification', ({ payload = '' }) => receive(payload))
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

  return createHintTopic((onText) => {
    receive = onText
    return {
      async send(texts) {
        const client = await connection
        await client.query('SELECT pg_notify($1, text) FROM unnest($2::text[]) AS text', [channel, texts])
      },
      async close() {
        isClosed = true
        if (timer !== null) clearTimeout(timer)
        await connection.then((client) => client.end()).catch(() => undefined)
      },
    }
  })
}
