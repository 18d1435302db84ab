import pg from 'pg'
import { createClient } from './database.ts'

/** Which dead letters of a room: all that fit what is given. */
export interface DeadLetterFilter {
  consumer?: string | undefined
  topic?: string | undefined
  eventId?: string | undefined
}

export interface DeadLetter {
  consumer: string
  eventId: string
  topic: string
  key: string
  at: Date
  reason: string
  /** Whether it is asked for again already. */
  isAsked: boolean
}

const FITS = `($1::text IS NULL OR consumer = $1) AND ($2::text IS NULL OR topic = $2)
  AND ($3::text IS NULL OR event_id = $3)`

export async function listDeadLetters(
  databaseUrl: string,
  room: string,
  filter: DeadLetterFilter,
): Promise<DeadLetter[]> {
  const { rows } = await ask<DeadLetter>(
    databaseUrl,
    `SELECT consumer, event_id AS "eventId", topic, key, at, reason, replay_at IS NOT NULL AS "isAsked"
       FROM ${pg.escapeIdentifier(room)}.dead_letter WHERE ${FITS} ORDER BY at, event_id`,
    filter,
  )
  return rows
}

/** Has dead letters tried again, by the consumers themselves, wherever they run; returns how many. */
export async function requestReplay(
  databaseUrl: string,
  room: string,
  filter: DeadLetterFilter,
): Promise<number> {
  const { rowCount } = await ask(
    databaseUrl,
    `UPDATE ${pg.escapeIdentifier(room)}.dead_letter SET replay_at = clock_timestamp() WHERE ${FITS}`,
    filter,
  )
  return rowCount ?? 0
}

async function ask<Row extends object>(
  databaseUrl: string,
  text: string,
  { consumer, topic, eventId }: DeadLetterFilter,
): Promise<pg.QueryResult<Row & pg.QueryResultRow>> {
  const client = createClient(databaseUrl, 'dead letters')
  await client.connect()
  try {
    return await client.query<Row & pg.QueryResultRow>(text, [consumer, topic, eventId])
  } finally {
    await client.end()
  }
}
