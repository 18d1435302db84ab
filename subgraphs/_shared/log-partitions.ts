import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { LogPosition } from './event-log.ts'

/** What becomes of the events of a week that everybody has read. Those of topics in neither list stay for ever. */
export interface Lasting {
  /** Topics whose events say how the thing under their key now is: the last one of each key stays. */
  state: readonly string[]
  /** Topics whose events are of use once: none stays. */
  news: readonly string[]
}

/** The outbox of one room, as its tables. The connections are the caller's, and used by nobody else meanwhile. */
export interface LogPartitions {
  /** Sees to a week that begins within a day having a partition of its own before it begins. */
  openAhead(now: Date): Promise<void>
  /**
   * Drops the oldest week if it ended before `until`, all of it lies before `read`, and so does all that was kept of earlier ones; what is to
   * stay of it joins that. Says how many events went, or why none did.
   */
  dropOldest(until: Date, read: LogPosition): Promise<number | 'young' | 'unread'>
}

const KEPT = 'outbox_kept'
const NEXT = 'outbox_next'
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
const BATCH = 5_000
/** Whoever waits for the whole outbox makes all others wait behind: no longer than this, and then again after a pause. */
const LOCK_MS = 250
const [TRIES, PAUSE_MS] = [20, 1_000]
const MOST_COPIES = 3
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Weeks (UTC) that are closed, the one being written, and one open to the end of time behind them: an event always has its place, whether or
 * not anybody looked after the partitions. Before the first week lies `outbox_kept`.
 *
 * Dropping compacts, as Kafka's logs do: what stays of the kept and of the oldest week is copied to a new table, which then takes the place of
 * both. Copies keep xid and seq, so for a reader they are where they always were. Copying is many short transactions: a long one
 * with an id of its own would hold back the readers of every room. When something has changed meanwhile it is copied again.
 */
export function createLogPartitions(
  guard: pg.ClientBase,
  writer: pg.ClientBase,
  room: string,
  { state, news }: Lasting,
): LogPartitions {
  const schema = pg.escapeIdentifier(room)
  const table = (name: string): string => `${schema}.${pg.escapeIdentifier(name)}`
  const outbox = table('outbox')

  /** Those of weeks, the oldest first. */
  async function listWeeks(): Promise<string[]> {
    const { rows } = await writer.query<{ name: string }>(
      `SELECT part.relname AS name FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid
        WHERE inhparent = $1::regclass AND part.relname <> $2 ORDER BY part.relname`,
      [outbox, KEPT],
    )
    return rows.map(({ name }) => name)
  }

  /**
   * Works in a transaction that may take the outbox for itself. When others have it, all is let go of and begun again after a pause: nobody
   * is to wait for us while we wait.
   */
  async function between<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      await guard.query(`BEGIN; SET LOCAL lock_timeout = ${LOCK_MS}`)
      try {
        const result = await work()
        await guard.query('COMMIT')
        return result
      } catch (error) {
        await guard.query('ROLLBACK')
        if ((error as pg.DatabaseError).code !== LOCK_NOT_AVAILABLE || tries === TRIES) throw error
      }
      await sleep(PAUSE_MS)
    }
  }

  async function alone(statements: readonly string[]): Promise<void> {
    await guard.query(`LOCK TABLE ONLY ${outbox}`)
    for (const statement of statements) await guard.query(statement)
  }

  const detach = (name: string): string => `ALTER TABLE ${outbox} DETACH PARTITION ${table(name)}`
  const attach = (name: string, from: string, to: string): string =>
    `ALTER TABLE ${outbox} ATTACH PARTITION ${table(name)} FOR VALUES FROM (${from}) TO (${to})`

  /** Copies what stays of both, the newest first: whoever finds a later event of topic and key there is superseded. */
  async function copy(week: string, until: Date): Promise<void> {
    const both = `SELECT * FROM ${table(KEPT)} UNION ALL SELECT * FROM ${table(week)}`
    await writer.query(`
      DROP TABLE IF EXISTS ${table(NEXT)};
      CREATE TABLE ${table(NEXT)} (LIKE ${outbox} INCLUDING DEFAULTS INCLUDING INDEXES,
        CONSTRAINT until CHECK (at < ${pg.escapeLiteral(until.toISOString())}));
      CREATE INDEX ${NEXT}_key ON ${table(NEXT)} (key, topic)`)
    for (let first: LogPosition | undefined = { xid: '18446744073709551615', seq: '0' }; first; ) {
      const { rows }: pg.QueryResult<LogPosition> = await writer.query<LogPosition>(
        `WITH stretch AS MATERIALIZED (
           SELECT * FROM (${both}) AS old WHERE (xid, seq) < ($1::text::xid8, $2::bigint)
            ORDER BY xid DESC, seq DESC LIMIT $3
         ), aged AS (
           SELECT *, row_number() OVER (PARTITION BY topic, key ORDER BY xid DESC, seq DESC) AS age FROM stretch
            WHERE topic <> ALL ($5::text[])
         ), copied AS (
           INSERT INTO ${table(NEXT)} (id, seq, xid, at, topic, key, payload)
           SELECT id, seq, xid, at, topic, key, payload FROM aged
            WHERE topic <> ALL ($4::text[]) OR (age = 1 AND NOT EXISTS (
                  SELECT FROM ${table(NEXT)} AS later WHERE later.key = aged.key AND later.topic = aged.topic))
         )
         SELECT xid::text, seq::text FROM stretch ORDER BY stretch.xid, stretch.seq LIMIT 1`,
        [first.xid, first.seq, BATCH, state, news],
      )
      first = rows[0]
    }
    await writer.query(`DROP INDEX ${schema}.${NEXT}_key`)
    await writer.query(`ANALYZE ${table(NEXT)}`)
  }

  async function isRead(week: string, read: LogPosition): Promise<boolean> {
    const { rows } = await guard.query<{ isRead: boolean }>(
      `SELECT NOT EXISTS (SELECT FROM ${table(KEPT)} WHERE (xid, seq) > ($1::text::xid8, $2::bigint))
          AND NOT EXISTS (SELECT FROM ${table(week)} WHERE (xid, seq) > ($1::text::xid8, $2::bigint)) AS "isRead"`,
      [read.xid, read.seq],
    )
    return rows[0]?.isRead === true
  }

  /** How many events both have, how many of them were written since transaction `since` or later, and the oldest that runs now. */
  async function census(
    week: string,
    since: string,
  ): Promise<{ events: number; young: number; now: string }> {
    const { rows } = await guard.query<{ events: number; young: number; now: string }>(
      `SELECT count(*)::int AS events, count(*) FILTER (WHERE age(born) <= age($1::text::xid))::int AS young,
              pg_snapshot_xmin(pg_current_snapshot())::xid::text AS now
         FROM (SELECT xmin AS born FROM ${table(KEPT)} UNION ALL SELECT xmin FROM ${table(week)}) AS both_of_them`,
      [since],
    )
    return rows[0] ?? { events: 0, young: 0, now: since }
  }

  async function countNext(): Promise<number> {
    const { rows } = await guard.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table(NEXT)}`)
    return rows[0]?.count ?? 0
  }

  return {
    async openAhead(now) {
      for (;;) {
        const last = (await listWeeks()).at(-1)
        if (last === undefined) throw new Error(`${outbox} has no partitions`)
        const begin = startOf(last).getTime()
        if (begin > now.getTime() + DAY_MS) return
        const end = new Date(mondayBefore(Math.max(begin, now.getTime())) + WEEK_MS)
        const boundary = pg.escapeLiteral(end.toISOString())
        const next = nameOf(end)
        await between(() =>
          alone([
            detach(last),
            attach(last, pg.escapeLiteral(startOf(last).toISOString()), boundary),
            `CREATE TABLE ${table(next)} PARTITION OF ${outbox} FOR VALUES FROM (${boundary}) TO (MAXVALUE)`,
          ]),
        )
      }
    },

    async dropOldest(until, read) {
      const [week, following] = await listWeeks()
      if (week === undefined || following === undefined) return 'young'
      const end = startOf(following)
      if (end > until) return 'young'
      for (let copies = 1; copies <= MOST_COPIES; copies++) {
        const before = await census(week, '0')
        if (!(await isRead(week, read))) return 'unread' // after it: what comes now is counted as a change
        await copy(week, end)
        const left = await countNext()
        const gone = await between(async () => {
          await guard.query(`LOCK TABLE ${table(KEPT)}, ${table(week)} IN SHARE MODE`)
          const now = await census(week, before.now)
          // Somebody was erased meanwhile, or something said as of then: what is copied is not what is there.
          if (now.events !== before.events || now.young > 0) return null
          await alone([
            detach(KEPT),
            detach(week),
            `DROP TABLE ${table(KEPT)}, ${table(week)}`,
            // What its check says need not be looked for: no row is read.
            attach(NEXT, 'MINVALUE', pg.escapeLiteral(end.toISOString())),
            `ALTER TABLE ${table(NEXT)} DROP CONSTRAINT until`,
            `ALTER TABLE ${table(NEXT)} RENAME TO ${KEPT}`,
          ])
          return now.events
        })
        if (gone !== null) return gone - left
      }
      throw new Error(`${outbox} changes too often to be copied`)
    },
  }
}

/** Weeks begin on Mondays, as PostgreSQL's do; the first one of 1970 was the 5th of January. */
function mondayBefore(time: number): number {
  const first = 4 * DAY_MS
  return Math.floor((time - first) / WEEK_MS) * WEEK_MS + first
}

function nameOf(begin: Date): string {
  return `outbox_${begin.toISOString().slice(0, 10).replaceAll('-', '')}`
}

function startOf(name: string): Date {
  const [, year, month, day] = /^outbox_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? []
  return new Date(`${year}-${month}-${day}T00:00:00Z`)
}
