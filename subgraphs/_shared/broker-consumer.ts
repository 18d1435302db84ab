import { type Consumer, type ConsumerOptions, PATIENCE, pauseAfter, reasonOf } from './consumption.ts'
import {
  type Broker,
  type DeliveredEvent,
  isBefore,
  LOG_START,
  type LogEvent,
  type LogPosition,
  type Subscription,
} from './event-log.ts'
import { recordInbox, writeDeadLetter } from './inbox.ts'
import { consumerBehind, consumerDeadLetters, consumerEvents, consumerLag } from './telemetry.ts'

const MEASURE_MS = 5_000
const LOOK_AGAIN_MS = 50
const NOT_MINE = 'The partition is with another process now'

/**
 * Has the effect of what a broker brings, which is everything once or more often: inbox rows and effect commit together, so a second
 * delivery does nothing. A batch that fails is halved until one event is alone; alone it is tried three times, then set aside.
 */
export function createBrokerConsumer(options: ConsumerOptions, broker: Broker): Consumer {
  const { name, source, topics, db, logger } = options
  let subscription: Subscription | null = null
  let measuring: NodeJS.Timeout | undefined
  /** How far this consumer had come in the outbox itself, before there was a broker. */
  let hadBefore: Promise<LogPosition> | null = null

  async function readHadBefore(): Promise<LogPosition> {
    const rows = await db.$queryRaw<LogPosition[]>`
      SELECT xid::text, seq::text FROM log_position WHERE consumer = ${name} AND source = ${source}`
    return rows[0] ?? LOG_START
  }

  async function have(
    delivered: readonly DeliveredEvent[],
    stillMine: () => Promise<boolean>,
  ): Promise<void> {
    hadBefore ??= readHadBefore()
    hadBefore.catch(() => {
      hadBefore = null
    })
    const position = await hadBefore
    for (const event of delivered) if (event.fault !== null) await setAside(event, event.fault)
    const events = delivered.flatMap((event): LogEvent[] =>
      event.fault === null && event.position !== null && isBefore(position, event.position)
        ? [{ ...event, position: event.position }]
        : [],
    )
    await haveAll(events, stillMine)
    report(events)
  }

  /** Says whether all went well at once. Where that is known not to be so, half of them are tried at once. */
  async function haveAll(
    events: readonly LogEvent[],
    stillMine: () => Promise<boolean>,
    areSuspect = false,
  ): Promise<boolean> {
    const [first, second] = events
    if (first === undefined) return true
    if (second === undefined) return haveAlone(first, stillMine)
    if (!areSuspect) {
      if (!(await stillMine())) throw new Error(NOT_MINE)
      const cause = await tryAll(events)
      if (cause === null) return true
      logger.warn({ consumer: name, err: cause, events: events.length }, 'events failed')
    }
    const half = Math.ceil(events.length / 2)
    const isFirstWell = await haveAll(events.slice(0, half), stillMine)
    await haveAll(events.slice(half), stillMine, isFirstWell)
    return false
  }

  async function haveAlone(event: LogEvent, stillMine: () => Promise<boolean>): Promise<boolean> {
    for (let failures = 1; ; failures++) {
      if (!(await stillMine())) throw new Error(NOT_MINE)
      const cause = await tryAll([event])
      if (cause === null) return failures === 1
      const pause = pauseAfter(failures, cause)
      if (pause === null) {
        await setAside(event, reasonOf(cause))
        return false
      }
      await sleep(pause)
    }
  }

  /** Null when all have had their effect, else why none has. A database that is away is thrown: the events are not to blame. */
  async function tryAll(events: readonly LogEvent[]): Promise<unknown> {
    try {
      await db.$transaction(async (tx) => {
        const fresh = await recordInbox(tx, name, events)
        if (fresh.length > 0) await options.apply(tx, fresh)
      }, PATIENCE)
      return null
    } catch (cause) {
      await db.$queryRaw`SELECT 1`
      return cause ?? new Error('Unknown')
    }
  }

  async function setAside(event: Omit<LogEvent, 'position'>, reason: string): Promise<void> {
    const isNew = await writeDeadLetter(db, name, event, reason).catch((error: unknown) =>
      writeDeadLetter(db, name, { ...event, payload: null }, `${reason} (not stored: ${reasonOf(error)})`),
    )
    if (!isNew) return
    consumerDeadLetters.inc({ consumer: name })
    logger.error({ consumer: name, event: event.id, reason }, 'event set aside')
  }

  function report(events: readonly LogEvent[]): void {
    consumerEvents.inc({ consumer: name }, events.length)
    const last = events.at(-1)
    if (last !== undefined) consumerLag.set({ consumer: name }, (Date.now() - last.at.getTime()) / 1_000)
  }

  /** Says how far behind this consumer is, also while nothing comes. */
  async function measure(): Promise<void> {
    const lag = await subscription?.lag()
    if (lag === undefined) return
    consumerBehind.set({ consumer: name }, lag)
    if (lag === 0) consumerLag.set({ consumer: name }, 0)
  }

  return {
    start() {
      subscription = broker.subscribe({ name, topics, have })
      measuring = setInterval(() => void measure().catch(() => undefined), MEASURE_MS).unref()
    },
    async stop() {
      clearInterval(measuring)
      await subscription?.stop()
      subscription = null
    },
    async caughtUp() {
      while (subscription !== null && (await subscription.lag().catch(() => 1)) > 0)
        await sleep(LOOK_AGAIN_MS)
    },
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
