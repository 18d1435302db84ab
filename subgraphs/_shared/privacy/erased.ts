import { createHash } from 'node:crypto'
import type { SqlExecutor } from '../database.ts'
import type { LogEvent } from '../event-log.ts'
import { derivedId } from '../id.ts'
import { PRIVACY_REQUESTED } from './requests.ts'

/** Stands for everybody who is erased, where a row or an event has to name somebody. There is no such user. */
export const ERASED_USER = derivedId('user', 'erased')

const USER = /^user_[0-9A-Za-z]{22}$/
const PERSONAL = /^(device|session)_[0-9A-Za-z]{22}$/

/** By which a room knows whom it has erased, and which tells nobody who that was: ids are random. */
export function hashOfPerson(userId: string): string {
  return createHash('sha256').update(userId).digest('base64url')
}

/**
 * The events without those whom this room has erased, for a log may bring what was said of them long after: an event about such a person (it
 * has their key) is left out, and one that only mentions them goes on without name, device and session.
 */
export async function withoutErased(tx: SqlExecutor, events: readonly LogEvent[]): Promise<LogEvent[]> {
  const named = new Map<string, string>()
  const note = (text: string): void => {
    if (USER.test(text)) named.set(hashOfPerson(text), text)
  }
  for (const { key, payload, topic } of events) {
    if (topic === PRIVACY_REQUESTED) continue
    note(key.split(':', 1)[0] ?? '')
    eachText(payload, note)
  }
  if (named.size === 0) return [...events]
  const rows = await tx.$queryRaw<{ hash: string }[]>`
    SELECT hash FROM erased_person WHERE hash = ANY (${[...named.keys()]}::text[])`
  if (rows.length === 0) return [...events]
  const erased = new Set(rows.map(({ hash }) => named.get(hash)))
  return events.flatMap((event) => {
    if (event.topic === PRIVACY_REQUESTED) return [event]
    if (erased.has(event.key.split(':', 1)[0])) return []
    let isNamed = false
    eachText(event.payload, (text) => {
      isNamed ||= erased.has(text)
    })
    return isNamed ? [{ ...event, payload: anonymised(event.payload, erased) }] : [event]
  })
}

function eachText(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value)
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) eachText(part, visit)
}

function anonymised(value: unknown, erased: ReadonlySet<string | undefined>): unknown {
  if (typeof value === 'string') {
    if (erased.has(value)) return ERASED_USER
    const [, kind] = PERSONAL.exec(value) ?? []
    return kind === undefined ? value : `${kind}_erased`
  }
  if (Array.isArray(value)) return value.map((part) => anonymised(part, erased))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, anonymised(part, erased)]))
}

/** Rows of a room's log that name a person, by `seq`. */
export interface Mentions {
  /** They say how the person is, or something of theirs, and go. */
  about: bigint[]
  /** They go on without the person. */
  naming: bigint[]
}

/**
 * Looks through the whole outbox, which has no index by person, for `keys`: the person's id, then ids of what is theirs. Outside of any
 * transaction that writes: such a one would hold back every reader of every log for as long as this takes. The request that this is about is
 * left: others have to read it.
 */
export async function findMentions(db: SqlExecutor, keys: readonly string[]): Promise<Mentions> {
  const rows = await db.$queryRaw<{ seq: bigint; isAbout: boolean }[]>`
    SELECT seq, split_part(key, ':', 1) = ANY (${keys}::text[]) AS "isAbout" FROM outbox
     WHERE split_part(key, ':', 1) = ANY (${keys}::text[])
        OR (topic <> ${PRIVACY_REQUESTED} AND strpos(payload::text, ${keys[0]}) > 0)`
  const seqs = (isAbout: boolean): bigint[] =>
    rows.filter((row) => row.isAbout === isAbout).map(({ seq }) => seq)
  return { about: seqs(true), naming: seqs(false) }
}

/**
 * In the transaction that erases: what the room has said of the person, or could not understand of what others said, is treated as
 * `withoutErased` treats it, whether or not somebody is yet to read it; and from now on nothing brings the person back.
 */
export async function forgetPerson(tx: SqlExecutor, userId: string, mentions: Mentions): Promise<void> {
  const person = `"${userId}"`
  const nobody = `"${ERASED_USER}"`
  await tx.$executeRaw`INSERT INTO erased_person (hash) VALUES (${hashOfPerson(userId)}) ON CONFLICT DO NOTHING`
  await tx.$executeRaw`DELETE FROM outbox WHERE seq = ANY (${mentions.about}::bigint[])`
  await tx.$executeRaw`
    UPDATE outbox SET payload = regexp_replace(
             replace(payload::text, ${person}, ${nobody}), '"(device|session)_[0-9A-Za-z]{22}"', '"\\1_erased"', 'g')::jsonb
     WHERE seq = ANY (${mentions.naming}::bigint[])`
  await tx.$executeRaw`
    DELETE FROM dead_letter WHERE topic <> ${PRIVACY_REQUESTED} AND split_part(key, ':', 1) = ${userId}`
  await tx.$executeRaw`
    UPDATE dead_letter SET reason = replace(reason, ${userId}, ${ERASED_USER}), payload = regexp_replace(
             replace(payload::text, ${person}, ${nobody}), '"(device|session)_[0-9A-Za-z]{22}"', '"\\1_erased"', 'g')::jsonb
     WHERE topic <> ${PRIVACY_REQUESTED} AND strpos(payload::text || reason, ${userId}) > 0`
}
