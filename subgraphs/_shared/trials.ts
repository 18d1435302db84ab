import { type ConsumerOptions, pauseAfter, reasonOf } from './consumption.ts'
import type { SqlExecutor } from './database.ts'
import type { LogEvent } from './event-log.ts'
import { forgetInbox, recordInbox, writeDeadLetter } from './inbox.ts'
import { consumerDeadLetters, consumerEvents } from './telemetry.ts'

/** The tries of one consumer to have the effect of events, each of them in a transaction that the consumer opens. */
export interface Trials {
  /** How many events to try in one transaction, of so many. */
  limit(most: number): number
  /**
   * Has the effect of as many of `events` as can have it. Returns, in order, those that wait: they failed and are to be tried again, or have
   * the key of one that did. To be given again, before any other event, in a transaction after the pause.
   */
  have(tx: SqlExecutor, events: readonly LogEvent[]): Promise<readonly LogEvent[]>
  committed(): void
  /** The transaction of the last `have` failed as a whole. Throws when it is the database that is away: the events are not to blame. */
  failed(cause: unknown): Promise<undefined>
  /** Until those that wait may be tried again. */
  pause(): Promise<void>
}

interface Failure {
  count: number
  cause: unknown
}

/**
 * All at once for as long as all goes well. When something fails, its page is tried again with a savepoint before each try: what fails is halved
 * until one event is alone, nothing else is lost by it, and all that is left is one more transaction. Those that failed alone have
 * two more tries, all of them after the same pause; then each lies in `dead_letter` with its reason.
 */
export function createTrials({ name, db, logger, apply }: Omit<ConsumerOptions, 'log'>): Trials {
  const failures = new Map<string, Failure>()
  /** Whether events failed lately: then they are tried with savepoints. */
  let isCareful = false
  let most = Number.POSITIVE_INFINITY
  let pauseMs = 0
  /** Of the transaction that is open. */
  let inHand: readonly LogEvent[] = []
  let left: readonly LogEvent[] = []
  let applied = 0
  let aside: { event: string; reason: string }[] = []

  async function have(tx: SqlExecutor, events: readonly LogEvent[]): Promise<readonly LogEvent[]> {
    inHand = events
    left = []
    pauseMs = 0
    applied = 0
    aside = []
    const fresh = await recordInbox(tx, name, events)
    if (fresh.length > 0 && isCareful) await haveEach(tx, fresh)
    else if (fresh.length > 0) await apply(tx, fresh)
    applied = fresh.length - left.length - aside.length
    return left
  }

  async function haveEach(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void> {
    const waiting = new Set<LogEvent>()
    /** What came after an event that waits is not to overtake it. */
    const heldKeys = new Set<string>()

    async function visit(some: readonly LogEvent[], areSuspect: boolean): Promise<boolean> {
      for (const event of some) if (heldKeys.has(event.key)) waiting.add(event)
      const open = some.filter((event) => !heldKeys.has(event.key))
      const [first, second] = open
      if (first === undefined) return true
      if (second === undefined) return visitAlone(first)
      if (!areSuspect && (await attempt(tx, open)) === null) return true
      const half = Math.ceil(open.length / 2)
      const isFirstWell = await visit(open.slice(0, half), false)
      // All of them fail, and the first half does not: no need to try the second half as a whole.
      await visit(open.slice(half), isFirstWell)
      return false
    }

    async function visitAlone(event: LogEvent): Promise<boolean> {
      const before = failures.get(event.id)
      const isOver = before !== undefined && pauseAfter(before.count, before.cause) === null
      const cause = isOver ? before.cause : await attempt(tx, [event])
      if (cause === null) return true
      const count = isOver ? before.count : (before?.count ?? 0) + 1
      const pause = pauseAfter(count, cause)
      if (pause === null) {
        await setAside(tx, event, reasonOf(cause))
        return false
      }
      failures.set(event.id, { count, cause })
      pauseMs = Math.max(pauseMs, pause)
      heldKeys.add(event.key)
      waiting.add(event)
      return false
    }

    await tx.$executeRaw`SAVEPOINT trial`
    await visit(events, false)
    left = events.filter((event) => waiting.has(event))
    const without = [...left.map(({ id }) => id), ...aside.map(({ event }) => event)]
    if (without.length > 0) await forgetInbox(tx, name, without)
  }

  /** Null when all have had their effect; else nothing of it is there, and why. */
  async function attempt(tx: SqlExecutor, events: readonly LogEvent[]): Promise<unknown> {
    try {
      await apply(tx, events)
    } catch (cause) {
      await tx.$executeRaw`ROLLBACK TO SAVEPOINT trial`
      return cause ?? new Error('Unknown')
    }
    await keep(tx)
    return null
  }

  async function keep(tx: SqlExecutor): Promise<void> {
    await tx.$executeRaw`RELEASE SAVEPOINT trial`
    await tx.$executeRaw`SAVEPOINT trial`
  }

  async function setAside(tx: SqlExecutor, event: LogEvent, reason: string): Promise<void> {
    try {
      await writeDeadLetter(tx, name, event, reason)
    } catch (error) {
      await tx.$executeRaw`ROLLBACK TO SAVEPOINT trial`
      const without = { ...event, payload: null }
      await writeDeadLetter(tx, name, without, `${reason} (not stored: ${reasonOf(error)})`)
    }
    await keep(tx)
    aside.push({ event: event.id, reason })
  }

  return {
    limit: (count) => Math.min(count, most),
    have,
    committed() {
      inHand = [] // what fails before the next ones are read is not to be blamed on these
      consumerEvents.inc({ consumer: name }, applied)
      isCareful = left.length > 0 || aside.length > 0
      most *= 2
      if (left.length === 0) failures.clear()
      for (const { event, reason } of aside) {
        consumerDeadLetters.inc({ consumer: name })
        logger.error({ consumer: name, event, reason }, 'event set aside')
      }
    },
    async failed(cause) {
      const [first, ...others] = inHand
      inHand = []
      pauseMs = 0
      if (first === undefined) throw cause
      await db.$queryRaw`SELECT 1`
      logger.warn({ consumer: name, err: cause, events: others.length + 1 }, 'events failed')
      if (!isCareful) isCareful = true
      else if (others.length > 0) most = Math.ceil((others.length + 1) / 2)
      else {
        const count = (failures.get(first.id)?.count ?? 0) + 1
        failures.set(first.id, { count, cause })
        pauseMs = pauseAfter(count, cause) ?? 0
      }
      return undefined
    },
    async pause() {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    },
  }
}
