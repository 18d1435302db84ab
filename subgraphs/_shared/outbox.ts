import type { SqlExecutor } from './database.ts'
import { newId } from './id.ts'

/** What a room says happened: `topic` is `<room>.<thing>-<past-verb>.v1`, `key` the aggregate whose order matters. */
export interface OutboxEvent {
  topic: string
  key: string
  payload: object
}

/**
 * Writes events in the caller's transaction: they exist exactly when the state does. Wakes the readers on commit.
 *
 * Order per key holds only if the transaction's FIRST write is `SELECT … FOR UPDATE` of the aggregate: readers follow
 * (transaction id, sequence), and an UPDATE takes its transaction id before it waits for the row, a locking SELECT after.
 */
export async function publish(tx: SqlExecutor, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return
  const ids = events.map(() => newId('event'))
  const topics = events.map((event) => event.topic)
  const keys = events.map((event) => event.key)
  const payloads = events.map((event) => JSON.stringify(event.payload))
  await tx.$executeRaw`
    WITH written AS (
      INSERT INTO outbox (id, topic, key, payload)
      SELECT * FROM unnest(${ids}::text[], ${topics}::text[], ${keys}::text[], ${payloads}::jsonb[])
    )
    SELECT pg_notify('outbox', current_schema())`
}
