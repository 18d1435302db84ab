import { type Consumer, type ConsumerOptions, PATIENCE, reasonOf, SILENCE_MS } from './consumption.ts'
import {
  type Broker,
  type DeliveredEvent,
  isBefore,
  LOG_START,
  type LogEvent,
  type LogPosition,
  type Subscription,
} from './event-log.ts'
import { writeDeadLetter } from './inbox.ts'
import { consumerBehind, consumerDeadLetters, consumerLag } from './telemetry.ts'
import { createTrials } from './trials.ts'

const MEASURE_MS = 5_000
const LOOK_AGAIN_MS = 50
const NOT_MINE = 'The partition is with another process now'

/**
 * Has the effect of what a broker brings, which is everything once or more often: inbox rows and effect commit together, so a second
 * delivery does nothing.
 */
export function createBrokerConsumer(options: ConsumerOptions, broker: Broker): Consumer {
  const { name, source, topics, db, logger, silenceMs = SILENCE_MS } = options
  const trials = createTrials(options)
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
    const last = events.at(-1)
    if (last !== undefined) consumerLag.set({ consumer: name }, (Date.now() - last.at.getTime()) / 1_000)
  }

  async function haveAll(events: readonly LogEvent[], stillMine: () => Promise<boolean>): Promise<void> {
    for (let waiting = events; waiting.length > 0; await trials.pause()) {
      if (!(await stillMine())) throw new Error(NOT_MINE)
      const some = waiting.slice(0, trials.limit(waiting.length))
      const left = await db
        .$transaction((tx) => trials.have(tx, some), { ...PATIENCE, timeout: silenceMs })
        .catch(trials.failed)
      if (left === undefined) continue
      trials.committed()
      waiting = [...left, ...waiting.slice(some.length)]
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

  /** Says how far behind this consumer is, also while nothing comes. */
  async function measure(): Promise<void> {
    const lag = await subscription?.lag()
    if (lag === undefined) return
    consumerBehind.set({ consumer: name }, lag)
    if (lag === 0) consumerLag.set({ consumer: name }, 0)
  }

  return {
    start() {
      subscription = broker.subscribe({ name, topics, have, silenceMs })
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
