import { type ConsumerOptions, PATIENCE, reasonOf } from './consumption.ts'
import type { SqlExecutor } from './database.ts'
import { LOG_START, type LogEvent } from './event-log.ts'
import { recordInbox } from './inbox.ts'

interface Replay {
  start(): void
  stop(): Promise<void>
}

const EVERY_MS = 2_000

interface Letter extends Omit<LogEvent, 'position'> {
  position?: never
}

/**
 * Tries dead letters of this consumer again that were asked for (`npm run events:replay`), each in a transaction of its own, the oldest first.
 * One that works is gone from the table; one that fails stays, with the new reason, until it is asked for again.
 */
export function createReplay({ name, db, logger, apply }: Omit<ConsumerOptions, 'log'>): Replay {
  let isRunning = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  async function next(tx: SqlExecutor): Promise<Letter | undefined> {
    const rows = await tx.$queryRaw<Letter[]>`
      SELECT event_id AS id, topic, key, at, payload FROM dead_letter
       WHERE consumer = ${name} AND replay_at IS NOT NULL ORDER BY at, event_id LIMIT 1 FOR UPDATE SKIP LOCKED`
    return rows[0]
  }

  /** Tries one; false when there is none. */
  async function replayOne(): Promise<boolean> {
    let inHand: Letter | undefined
    try {
      return await db.$transaction(async (tx) => {
        inHand = await next(tx)
        if (inHand === undefined) return false
        await tx.$executeRaw`DELETE FROM dead_letter WHERE consumer = ${name} AND event_id = ${inHand.id}`
        const fresh = await recordInbox(tx, name, [{ ...inHand, position: LOG_START }])
        if (fresh.length > 0) await apply(tx, fresh)
        return true
      }, PATIENCE)
    } catch (cause) {
      if (inHand === undefined) throw cause
      logger.warn({ consumer: name, event: inHand.id, err: cause }, 'a dead letter failed again')
      await db.$executeRaw`
        UPDATE dead_letter SET reason = ${reasonOf(cause)}, replay_at = NULL
         WHERE consumer = ${name} AND event_id = ${inHand.id}`
      return true
    }
  }

  async function replay(): Promise<void> {
    const isAsked = await db.$queryRaw<object[]>`
      SELECT 1 FROM dead_letter WHERE consumer = ${name} AND replay_at IS NOT NULL LIMIT 1`
    if (isAsked.length > 0) while (isRunning && (await replayOne()));
  }

  function schedule(): void {
    timer = setTimeout(() => {
      running = replay()
        .catch((error: unknown) => logger.warn({ consumer: name, err: error }, 'dead letters cannot be read'))
        .then(() => {
          if (isRunning) schedule()
        })
    }, EVERY_MS)
  }

  return {
    start() {
      isRunning = true
      schedule()
    },
    async stop() {
      isRunning = false
      clearTimeout(timer)
      await running
    },
  }
}
