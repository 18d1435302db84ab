import { createBell } from './bell.ts'
import { type Consumer, type ConsumerOptions, PATIENCE, SILENCE_MS } from './consumption.ts'
import { type Ahead, LOG_START } from './event-log.ts'
import { lockPosition, savePosition } from './inbox.ts'
import { consumerLag, consumerRestarts } from './telemetry.ts'
import { createTrials } from './trials.ts'

const BATCH = 500
const POLL_MS = 1_000
/** How soon to look again when events are there but not yet ours to read: nobody announces that they are. */
const UNSETTLED_MS = 20
/** Events that come one after the other are had together: no more often than this, one transaction. The first one waits for nothing. */
const GATHER_MS = 50
/** How long a consumer that is to stop may take before it is left to itself. */
const FAREWELL_MS = 5_000

/**
 * Reads another room's outbox: position, inbox rows and effect commit together, and the position row's lock makes one reader of
 * many processes. The position moves when all of a page had its effect or lies aside.
 *
 * A life that shows no sign of itself (an effect or a connection that hangs) is left to itself and another one begun: lock and inbox see to it
 * that the old one does no harm if it wakes.
 */
export function createOutboxConsumer(options: ConsumerOptions): Consumer {
  const { name, source, log, logger, silenceMs = SILENCE_MS } = options
  const news = createBell()
  const gathering = createBell()
  let isRunning = false
  let isHinted = false
  let watching: NodeJS.Timeout | undefined
  let unlisten: () => void = () => undefined
  let waiters: (() => void)[] = []
  let loop: Promise<void> = Promise.resolve()
  let life = 0
  let seen = 0

  async function live(): Promise<void> {
    const mine = ++life
    const isMine = (): boolean => isRunning && life === mine
    const step = createStep(options)
    seen = Date.now()
    while (isMine()) {
      isHinted = false
      const waiting = waiters
      const begun = performance.now()
      const ahead = await step().catch(waitOut)
      if (!isMine()) return
      seen = Date.now()
      if (ahead === 'more') continue
      if (ahead === 'nothing') {
        consumerLag.set({ consumer: name }, 0)
        waiters = waiters.filter((waiter) => !waiting.includes(waiter))
        for (const tell of waiting) tell()
      }
      if (!isHinted) await news.rest(ahead === 'nothing' ? POLL_MS : UNSETTLED_MS)
      // Lets more come, unless somebody waits for the end of the log.
      const gatherMs = begun + GATHER_MS - performance.now()
      if (gatherMs > 0 && waiters.length === 0 && isMine()) await gathering.rest(gatherMs)
    }
  }

  async function waitOut(fault: unknown): Promise<Ahead> {
    logger.error({ consumer: name, err: fault }, 'the log cannot be read, or its effect not be written')
    await sleep(POLL_MS)
    return 'more'
  }

  function watch(): void {
    if (Date.now() - seen <= silenceMs) return
    consumerRestarts.inc({ consumer: name })
    logger.warn({ consumer: name, why: 'it fell silent' }, 'the consumer is over, and started again')
    loop = live()
  }

  const wake = (): void => {
    isHinted = true
    news.ring()
  }

  return {
    start() {
      isRunning = true
      loop = live()
      watching = setInterval(watch, silenceMs / 20).unref()
      unlisten = log.onNews(source, wake)
    },
    async stop() {
      isRunning = false
      clearInterval(watching)
      unlisten()
      wake()
      gathering.ring()
      await Promise.race([loop, sleep(FAREWELL_MS)])
    },
    caughtUp() {
      return new Promise((resolve) => {
        waiters = [...waiters, resolve]
        wake()
        gathering.ring()
      })
    },
  }
}

/** Has the effect of one batch, if there is any, and says what lies beyond it. */
function createStep(options: ConsumerOptions): () => Promise<Ahead> {
  const { name, source, topics, log, db, silenceMs = SILENCE_MS } = options
  const trials = createTrials(options)
  /** How far the log is known to be done with: looking on from there spares a transaction when there is nothing. */
  let done = LOG_START

  return async () => {
    const glance = await log.read(source, done, [], 1)
    if (glance.next === done) return glance.ahead
    const page = await db
      .$transaction(
        async (tx) => {
          const position = await lockPosition(tx, name, source)
          if (position === null) return null
          const page = await log.read(source, position, topics, trials.limit(BATCH))
          const left = await trials.have(tx, page.events)
          if (left.length === 0) await savePosition(tx, name, source, page.next)
          return { ...page, isDone: left.length === 0 }
        },
        { ...PATIENCE, timeout: silenceMs },
      )
      .catch(trials.failed)
    if (page === null) return 'unsettled' // another process has it, and is having the effect
    if (page !== undefined) trials.committed()
    if (page === undefined || !page.isDone) {
      await trials.pause()
      return 'more'
    }
    done = page.next
    const last = page.events.at(-1)
    if (last !== undefined) consumerLag.set({ consumer: name }, (Date.now() - last.at.getTime()) / 1_000)
    return page.ahead
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
