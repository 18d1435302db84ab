import type { Logger } from 'pino'
import type { SqlDatabase, SqlExecutor } from './database.ts'
import { type EventLog, LOG_START, type LogEvent, type LogPosition } from './event-log.ts'
import { consumerDeadLetters, consumerEvents, consumerLag } from './telemetry.ts'

export interface ConsumerOptions {
  /** Unique for ever: the name under which the position and the inbox are kept, e.g. `playback.tracks`. */
  name: string
  /** The room whose log is read, and the topics of it that matter. */
  source: string
  topics: readonly string[]
  log: EventLog
  db: SqlDatabase
  logger: Logger
  /** Has the effect of all `events`, in order, in `tx`. Throwing rolls everything back. */
  apply(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void>
}

export interface Consumer {
  start(): void
  stop(): Promise<void>
  /** Resolves once everything that is in the log now has had its effect. */
  caughtUp(): Promise<void>
}

const BATCH = 500
const POLL_MS = 1_000
const BACK_OFF_MS = [50, 250, 1_000] as const

/**
 * Reads another room's events and has their effect exactly once: position, inbox rows and effect commit together, and the
 * position row's lock makes one reader of many processes. An event that fails three times goes to `dead_letter` with the
 * reason, and the log moves on.
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { name, source, topics, log, db, logger } = options
  let isRunning = false
  let isHinted = false
  let ring: () => void = () => undefined
  let loop: Promise<void> = Promise.resolve()
  let unlisten: () => void = () => undefined
  let idlers: (() => void)[] = []

  /** One batch; true when there may be more. */
  async function step(limit: number): Promise<boolean> {
    return db.$transaction(
      async (tx) => {
        const position = await lockPosition(tx, name, source)
        if (position === null) return false // another process holds it, and has the effect
        const page = await log.read(source, position, topics, limit)
        const fresh = await recordInbox(tx, name, page.events)
        if (fresh.length > 0) await options.apply(tx, fresh)
        if (page.next.seq !== position.seq || page.next.xid !== position.xid)
          await savePosition(tx, name, source, page.next)
        consumerEvents.inc({ consumer: name }, fresh.length)
        const last = page.events.at(-1)
        consumerLag.set(
          { consumer: name },
          page.isCaughtUp || last === undefined ? 0 : (Date.now() - last.at.getTime()) / 1_000,
        )
        return !page.isCaughtUp
      },
      { timeout: 30_000, maxWait: 10_000 },
    )
  }

  /** Puts the next event aside with the reason it failed, so that the log can move on. */
  async function setNextAside(cause: unknown): Promise<void> {
    await db.$transaction(async (tx) => {
      const position = await lockPosition(tx, name, source)
      if (position === null) return
      const page = await log.read(source, position, topics, 1)
      for (const event of page.events) await setAside(tx, name, event, cause)
      await savePosition(tx, name, source, page.next)
      consumerDeadLetters.inc({ consumer: name }, page.events.length)
      logger.error(
        { consumer: name, err: cause, events: page.events.map((event) => event.id) },
        'event set aside',
      )
    })
  }

  /** A failed batch is gone through one by one; an event that fails each of its tries is set aside. */
  async function stepThroughFailure(cause: unknown): Promise<void> {
    logger.warn({ consumer: name, err: cause }, 'events failed, taking them one by one')
    let failures = 0
    for (let taken = 0; taken < BATCH && isRunning; ) {
      try {
        // After an outage the database has to answer before the last try counts against the event.
        if (failures === BACK_OFF_MS.length) await db.$queryRaw`SELECT 1`
        if (!(await step(1))) return
        taken++
        failures = 0
      } catch (error) {
        const delay = BACK_OFF_MS[failures]
        if (delay === undefined) {
          await setNextAside(error)
          failures = 0
        } else {
          await sleep(delay)
          failures++
        }
      }
    }
  }

  async function run(): Promise<void> {
    while (isRunning) {
      isHinted = false
      const waiters = idlers
      try {
        if (await step(BATCH)) continue
        idlers = idlers.filter((idler) => !waiters.includes(idler))
        for (const done of waiters) done()
      } catch (error) {
        await stepThroughFailure(error).catch(async (fault: unknown) => {
          logger.error({ consumer: name, err: fault }, 'the consumer cannot reach its database')
          await sleep(POLL_MS)
        })
        continue
      }
      if (!isHinted && isRunning) await rest()
    }
  }

  /** Until a hint or the next poll, whichever is first. */
  function rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS)
      ring = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  const wake = (): void => {
    isHinted = true
    ring()
  }

  return {
    start() {
      isRunning = true
      loop = run()
      unlisten = log.onNews(source, wake)
    },
    async stop() {
      isRunning = false
      unlisten()
      wake()
      await loop
    },
    caughtUp() {
      return new Promise((resolve) => {
        idlers = [...idlers, resolve]
        wake()
      })
    },
  }
}

async function lockPosition(tx: SqlExecutor, name: string, source: string): Promise<LogPosition | null> {
  await tx.$executeRaw`
    INSERT INTO log_position (consumer, source, xid, seq)
    VALUES (${name}, ${source}, ${LOG_START.xid}::text::xid8, ${LOG_START.seq}::bigint) ON CONFLICT DO NOTHING`
  const rows = await tx.$queryRaw<LogPosition[]>`
    SELECT xid::text, seq::text FROM log_position WHERE consumer = ${name} AND source = ${source} FOR UPDATE SKIP LOCKED`
  return rows[0] ?? null
}

async function savePosition(tx: SqlExecutor, name: string, source: string, next: LogPosition): Promise<void> {
  await tx.$executeRaw`
    UPDATE log_position SET xid = ${next.xid}::text::xid8, seq = ${next.seq}::text::bigint
     WHERE consumer = ${name} AND source = ${source}`
}

/** Keeps the events this consumer has not had before: a redelivery has no second effect, whichever log carries it. */
async function recordInbox(tx: SqlExecutor, name: string, events: readonly LogEvent[]): Promise<LogEvent[]> {
  if (events.length === 0) return []
  const rows = await tx.$queryRaw<{ event_id: string }[]>`
    INSERT INTO inbox (consumer, event_id) SELECT ${name}, unnest(${events.map((event) => event.id)}::text[])
    ON CONFLICT DO NOTHING RETURNING event_id`
  const isNew = new Set(rows.map((row) => row.event_id))
  return events.filter((event) => isNew.has(event.id))
}

async function setAside(tx: SqlExecutor, name: string, event: LogEvent, cause: unknown): Promise<void> {
  const reason = cause instanceof Error ? cause.message : String(cause)
  await tx.$executeRaw`
    INSERT INTO dead_letter (consumer, event_id, topic, key, payload, reason)
    VALUES (${name}, ${event.id}, ${event.topic}, ${event.key}, ${JSON.stringify(event.payload)}::text::jsonb, ${reason})
    ON CONFLICT DO NOTHING`
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
