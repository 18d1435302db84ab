import { empty, type Sql } from '@prisma/client/runtime/client'
import type { SqlExecutor } from './database.ts'
import { newId } from './id.ts'

/** What a room says happened: `topic` is `<room>.<thing>-<past-verb>.v1`, `key` the aggregate whose order matters. */
export interface OutboxEvent {
  topic: string
  key: string
  payload: object
}

/**
 * Writes events in the caller's transaction: they exist exactly when the state does. Readers are woken after
 * the commit by the room's database (`roomAdapter`).
 *
 * Readers follow (xid, seq). The order of a key is the order in which its transactions held the aggregate's lock, and that
 * is not the order of their ids: waiting for a row, a transaction may have its id long before its turn. An event therefore
 * takes the highest id its key has so far, which never shows it too early: that only waits for more to be settled.
 *
 * `beside` is more of the same statement, where one is enough for state and news: CTEs, each with a comma behind it. Only for keys that
 * are new: what the statement itself waits for, it does not see.
 */
export async function publish(
  tx: SqlExecutor,
  events: readonly OutboxEvent[],
  beside: Sql = empty,
): Promise<void> {
  if (events.length === 0) return
  const ids = events.map(() => newId('event'))
  const topics = events.map((event) => event.topic)
  const keys = events.map((event) => event.key)
  const payloads = events.map((event) => JSON.stringify(event.payload))
  await tx.$executeRaw`
    WITH ${beside} later AS MATERIALIZED (
      SELECT key, max(xid) AS xid FROM outbox WHERE xid > pg_current_xact_id() GROUP BY key
    )
    INSERT INTO outbox (id, topic, key, payload, xid)
    SELECT event.id, event.topic, event.key, event.payload, GREATEST(pg_current_xact_id(), later.xid)
      FROM unnest(${ids}::text[], ${topics}::text[], ${keys}::text[], ${payloads}::jsonb[])
           WITH ORDINALITY AS event (id, topic, key, payload, place)
      LEFT JOIN later ON later.key = event.key ORDER BY place`
}
