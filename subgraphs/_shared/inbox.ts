import type { SqlExecutor } from './database.ts'
import { LOG_START, type LogEvent, type LogPosition } from './event-log.ts'

/** How far `name` has come, locked until the transaction ends; null while another process holds it. */
export async function lockPosition(
  tx: SqlExecutor,
  name: string,
  source: string,
): Promise<LogPosition | null> {
  await tx.$executeRaw`
    INSERT INTO log_position (consumer, source, xid, seq)
    VALUES (${name}, ${source}, ${LOG_START.xid}::text::xid8, ${LOG_START.seq}::bigint) ON CONFLICT DO NOTHING`
  const rows = await tx.$queryRaw<LogPosition[]>`
    SELECT xid::text, seq::text FROM log_position WHERE consumer = ${name} AND source = ${source} FOR UPDATE SKIP LOCKED`
  return rows[0] ?? null
}

export async function savePosition(
  tx: SqlExecutor,
  name: string,
  source: string,
  next: LogPosition,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE log_position SET xid = ${next.xid}::text::xid8, seq = ${next.seq}::text::bigint
     WHERE consumer = ${name} AND source = ${source}`
}

/**
 * Keeps the events this consumer has not had before, nor set aside: a redelivery has no second effect, whichever log carries it.
 */
export async function recordInbox(
  tx: SqlExecutor,
  name: string,
  events: readonly LogEvent[],
): Promise<LogEvent[]> {
  if (events.length === 0) return []
  const rows = await tx.$queryRaw<{ event_id: string }[]>`
    INSERT INTO inbox (consumer, event_id)
    SELECT ${name}, id FROM unnest(${events.map((event) => event.id)}::text[]) AS event (id)
     WHERE NOT EXISTS (SELECT FROM dead_letter WHERE consumer = ${name} AND event_id = id)
    ON CONFLICT DO NOTHING RETURNING event_id`
  const left = new Set(rows.map((row) => row.event_id))
  // A broker may bring an event twice in one batch: the first of them has the effect.
  return events.filter((event) => left.delete(event.id))
}

/** Takes events back that were kept in this transaction and have not had their effect. */
export async function forgetInbox(tx: SqlExecutor, name: string, ids: readonly string[]): Promise<void> {
  await tx.$executeRaw`DELETE FROM inbox WHERE consumer = ${name} AND event_id = ANY (${ids}::text[])`
}

/** Keeps an event that could not have its effect, with the reason, where an operator finds it; false when it is there already. */
export async function writeDeadLetter(
  tx: SqlExecutor,
  name: string,
  { id, topic, key, payload }: Omit<LogEvent, 'position'>,
  reason: string,
): Promise<boolean> {
  const written = await tx.$executeRaw`
    INSERT INTO dead_letter (consumer, event_id, topic, key, payload, reason)
    VALUES (${name}, ${id}, ${topic}, ${storableText(key)}, ${storableJson(payload)}::text::jsonb, ${storableText(reason)})
    ON CONFLICT DO NOTHING`
  return written > 0
}

/** What stands for characters that PostgreSQL does not store: a room never says them, other writers to a topic may. */
const UNSTORABLE = '\u2400'

function storableText(text: string): string {
  return text.replaceAll('\0', UNSTORABLE)
}

/** The character 0 and halves of surrogate pairs, which JSON.stringify leaves escaped. */
function storableJson(payload: unknown): string {
  return JSON.stringify(payload ?? null).replace(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escaped) =>
    escaped.length > 2 ? UNSTORABLE : escaped,
  )
}
