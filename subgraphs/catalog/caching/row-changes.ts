import { raw } from '@prisma/client/runtime/client'
import type { EventLog } from '#shared/event-log.ts'
import { SETTLED_BELOW } from '#shared/settled.ts'
import type { Logger } from '#shared/telemetry.ts'
import { ROWS_CHANGED, rowsChanged } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Tells this process what rows are not as it may have kept them, whichever process changed them. */
export interface RowChanges {
  /** Called with the ids, or with null when it may be any. */
  onChange(listener: (ids: readonly string[] | null) => void): void
  /** Whether changes are heard of: not before the start, nor while they cannot be read. */
  isFollowed(): boolean
  start(): Promise<void>
  stop(): Promise<void>
}

const POLL_MS = 1_000

/**
 * Follows the room's own outbox in every process. What is read need not be in order, only complete and soon: it is read as soon as it is
 * committed, while consumers wait until nothing can slip in front of it any more. All that is visible in one snapshot is read; what
 * may still come has the transaction id of one that runs in it, or of a later one, and is looked for from there on.
 */
export function createRowChanges(db: PrismaClient, log: EventLog, logger: Logger): RowChanges {
  const listeners: ((ids: readonly string[] | null) => void)[] = []
  let floor = '0'
  let isFollowed = false
  /** Events from the floor on that were told already. */
  let told = new Set<string>()
  let isAsked = false
  let reading: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined
  let unlisten: () => void = () => undefined

  const tell = (ids: readonly string[] | null): void => {
    for (const listener of listeners) listener(ids)
  }

  async function read(): Promise<void> {
    const [{ floor: next, events } = { floor, events: [] }] = await db.$queryRaw<
      { floor: string; events: { seq: string; xid: string; payload: unknown }[] }[]
    >`
      SELECT (${raw(SETTLED_BELOW)})::text AS floor,
             (SELECT coalesce(jsonb_agg(jsonb_build_object('seq', seq::text, 'xid', xid::text, 'payload', payload)), '[]')
                FROM outbox WHERE xid >= ${floor}::text::xid8 AND topic = ${ROWS_CHANGED}) AS events`
    for (const { seq, payload } of events) if (!told.has(seq)) tell(rowsChanged.parse(payload).ids)
    floor = next
    isFollowed = true
    told = new Set(events.filter(({ xid }) => BigInt(xid) >= BigInt(next)).map(({ seq }) => seq))
  }

  /** One read at a time; news that come during one are read after it. */
  function readNow(): void {
    isAsked = true
    reading ??= (async () => {
      while (isAsked) {
        isAsked = false
        // What was missed is unknown, and what is kept is not to be trusted.
        await read().catch((error: unknown) => {
          if (isFollowed)
            logger.warn({ err: error }, 'changes of the catalogue cannot be read: nothing is kept')
          isFollowed = false
          tell(null)
        })
      }
    })().finally(() => {
      reading = null
    })
  }

  return {
    onChange: (listener) => void listeners.push(listener),
    isFollowed: () => isFollowed,
    async start() {
      const [now] = await db.$queryRaw<{ floor: string }[]>`
        SELECT (${raw(SETTLED_BELOW)})::text AS floor`
      floor = now?.floor ?? floor
      isFollowed = true
      unlisten = log.onNews('catalog', readNow)
      timer = setInterval(readNow, POLL_MS).unref()
    },
    async stop() {
      isFollowed = false
      clearInterval(timer)
      unlisten()
      await reading
    },
  }
}
