import { type Consumer, type ConsumerOptions, PATIENCE, pauseAfter, reasonOf } from './consumption.ts'
import { type Ahead, LOG_START, type LogEvent } from './event-log.ts'
import { lockPosition, recordInbox, savePosition, writeDeadLetter } from './inbox.ts'
import { consumerDeadLetters, consumerEvents, consumerLag } from './telemetry.ts'

const BATCH = 500
const POLL_MS = 1_000
/** How soon to look again when events are there but not yet ours to read: nobody announces that they are. */
const UNSETTLED_MS = 20
/** Events that come one after the other are had together: no more often than this, one transaction. The first one waits for nothing. */
const GATHER_MS = 50

/** Events failed with the database there to take them: only this counts against an event. */
class EventsFailed extends Error {
  readonly #events: readonly LogEvent[]
  /** How many rows were looked at. */
  readonly limit: number

  constructor(events: readonly LogEvent[], limit: number, cause: unknown) {
    super(reasonOf(cause), { cause })
    this.#events = events
    this.limit = limit
  }

  /** Out of sight of the logger: an event may be large, and is somebody's. */
  events(): readonly LogEvent[] {
    return this.#events
  }
}

/**
 * Reads another room's outbox: position, inbox rows and effect commit together, and the position row's lock makes one reader of
 * many processes. A batch that fails is halved until one event is alone; alone it is tried three times, then set aside.
 */
export function createOutboxConsumer(options: ConsumerOptions): Consumer {
  const { name, source, topics, log, db, logger } = options
  let isRunning = false
  let isHinted = false
  let ring: () => void = () => undefined
  let hurry: () => void = () => undefined
  let loop: Promise<void> = Promise.resolve()
  let unlisten: () => void = () => undefined
  let waiters: (() => void)[] = []
  /** How far the log is known to be done with: looking on from there spares a transaction when there is nothing. */
  let done = LOG_START
  /** Of the rows that come next, how many are known to hold one that fails. */
  let suspects = 0
  let failures = 0

  /** Has the effect of one batch, if there is any, and says what lies beyond it. */
  async function step(): Promise<Ahead> {
    const glance = await log.read(source, done, [], 1)
    if (glance.next === done) return glance.ahead
    const limit = suspects === 0 ? BATCH : Math.max(1, Math.floor(suspects / 2))
    let inHand: readonly LogEvent[] = []
    try {
      const page = await db.$transaction(async (tx) => {
        const position = await lockPosition(tx, name, source)
        if (position === null) return null
        const page = await log.read(source, position, topics, limit)
        inHand = page.events
        const fresh = await recordInbox(tx, name, page.events)
        if (fresh.length > 0) await options.apply(tx, fresh)
        await savePosition(tx, name, source, page.next)
        return page
      }, PATIENCE)
      if (page === null) return 'unsettled' // another process has it, and is having the effect
      done = page.next
      suspects = Math.max(0, suspects - limit)
      failures = 0
      report(page.events)
      return page.ahead
    } catch (cause) {
      if (inHand.length === 0) throw cause
      await db.$queryRaw`SELECT 1` // a database that is away fails here, and the events are not to blame
      throw new EventsFailed(inHand, limit, cause)
    }
  }

  /** After events failed: fewer at once, then the one again after a pause, then without it. */
  async function recover(fault: unknown): Promise<Ahead> {
    if (!(fault instanceof EventsFailed)) throw fault
    logger.warn({ consumer: name, err: fault }, 'events failed')
    suspects = fault.limit
    if (suspects > 1) return 'more'
    const pause = pauseAfter(++failures, fault.cause)
    if (pause === null) await setAside(fault)
    else await sleep(pause)
    return 'more'
  }

  async function waitOut(fault: unknown): Promise<Ahead> {
    logger.error({ consumer: name, err: fault }, 'the log cannot be read, or its effect not be written')
    await sleep(POLL_MS)
    return 'more'
  }

  /** Puts the event that failed alone aside with the reason, unless another process has moved on meanwhile. */
  async function setAside(fault: EventsFailed): Promise<void> {
    const { message } = fault
    const [failed] = fault.events()
    const isAside = await db.$transaction(async (tx) => {
      const position = await lockPosition(tx, name, source)
      if (position === null || failed === undefined) return false
      const page = await log.read(source, position, topics, 1)
      if (page.events[0]?.id !== failed.id) return false
      await writeDeadLetter(tx, name, failed, message)
      await savePosition(tx, name, source, page.next)
      return true
    })
    failures = 0
    suspects = 0
    if (!isAside) return
    consumerDeadLetters.inc({ consumer: name })
    logger.error({ consumer: name, event: failed?.id, reason: message }, 'event set aside')
  }

  function report(events: readonly LogEvent[]): void {
    consumerEvents.inc({ consumer: name }, events.length)
    const last = events.at(-1)
    if (last !== undefined) consumerLag.set({ consumer: name }, (Date.now() - last.at.getTime()) / 1_000)
  }

  async function run(): Promise<void> {
    while (isRunning) {
      isHinted = false
      const waiting = waiters
      const begun = performance.now()
      const ahead = await step().catch(recover).catch(waitOut)
      if (ahead === 'more') continue
      if (ahead === 'nothing') {
        consumerLag.set({ consumer: name }, 0)
        waiters = waiters.filter((waiter) => !waiting.includes(waiter))
        for (const tell of waiting) tell()
      }
      await rest(ahead === 'nothing' ? POLL_MS : UNSETTLED_MS)
      await gather(begun + GATHER_MS - performance.now())
    }
  }

  /** Until a hint or for so long, whichever is first. */
  function rest(ms: number): Promise<void> {
    if (isHinted) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      ring = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Lets more come, unless somebody waits for the end of the log. */
  function gather(ms: number): Promise<void> {
    if (ms <= 0 || waiters.length > 0 || !isRunning) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      hurry = () => {
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
      hurry()
      await loop
    },
    caughtUp() {
      return new Promise((resolve) => {
        waiters = [...waiters, resolve]
        wake()
        hurry()
      })
    },
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
