import { createBell } from '#shared/bell.ts'
import { createPulledStream } from '#shared/pulled-stream.ts'
import type { Logger } from '#shared/telemetry.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'

/** Follows rows as they change. Everybody gets the newest there is: what changed twice before it was read is told once. */
export interface Watch<Row> {
  /** The row as it is, and as it is again whenever it changes. The same object for all who follow the key. */
  open(key: string): AsyncIterableIterator<Row>
  /** How many streams are open. */
  size(): number
  close(): void
}

export interface WatchOptions<Row> {
  /** One read for any number of keys. What is not there is left out, and the streams of it end. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, Row>>
  /** A hint under the key says that the row may be another. */
  topic: HintTopic
  logger: Logger
  pollMs?: number
}

interface Entry<Row> {
  row: Row | null
  text: string
  /** The reading that `row` is from. */
  reading: number
  watchers: Set<() => void>
  unlisten(): void
}

/** Hints may be lost: this is what one costs, less the time of the reading. */
const POLL_MS = 800

/** One read for all that were hinted at, however many follow each; and one now and then for all. */
export function createWatch<Row extends object>(options: WatchOptions<Row>): Watch<Row> {
  const { read, topic, logger, pollMs = POLL_MS } = options
  const entries = new Map<string, Entry<Row>>()
  const due = new Set<string>()
  let readings = 0
  let isReading = false
  let timer: NodeJS.Timeout | null = null

  const look = (keys: Iterable<string>): void => {
    for (const key of keys) due.add(key)
    if (!isReading) void readDue()
  }

  async function readDue(): Promise<void> {
    isReading = true
    while (due.size > 0) {
      const keys = [...due]
      due.clear()
      const reading = ++readings
      await read(keys).then(
        (rows) => {
          for (const key of keys) take(key, rows.get(key) ?? null, reading)
        },
        (error: unknown) => logger.warn({ err: error }, 'rows not read, the next poll tries again'),
      )
    }
    isReading = false
  }

  function take(key: string, row: Row | null, reading: number): void {
    const entry = entries.get(key)
    if (entry === undefined) return
    entry.reading = reading
    const text = JSON.stringify(row)
    if (text !== entry.text) {
      entry.row = row
      entry.text = text
    }
    for (const ring of entry.watchers) ring()
  }

  function enter(key: string): Entry<Row> {
    const unlisten = topic.listen(key, () => look([key]))
    const entry: Entry<Row> = { row: null, text: 'null', reading: 0, watchers: new Set(), unlisten }
    entries.set(key, entry)
    timer ??= setInterval(() => look(entries.keys()), pollMs).unref()
    return entry
  }

  function leave(key: string, entry: Entry<Row>): void {
    if (entry.watchers.size > 0) return
    entry.unlisten()
    entries.delete(key)
    if (entries.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }

  return {
    open(key) {
      const entry = entries.get(key) ?? enter(key)
      const bell = createBell()
      // What was read before the stream was asked for may be old.
      const firstReading = readings + 1
      let told: Row | null = null
      let isOver = false
      entry.watchers.add(bell.ring)
      look([key])
      return createPulledStream<Row>(
        async () => {
          while (!isOver) {
            const isRead = entry.reading >= firstReading
            if (isRead && entry.row === null) return null
            if (isRead && entry.row !== told) {
              told = entry.row
              return { item: told as Row, isLast: false }
            }
            await bell.rest(null)
          }
          return null
        },
        () => {
          isOver = true
          entry.watchers.delete(bell.ring)
          bell.ring()
          leave(key, entry)
        },
      )
    },
    size: () => [...entries.values()].reduce((sum, { watchers }) => sum + watchers.size, 0),
    close() {
      for (const [key, entry] of entries) {
        entry.watchers.clear()
        leave(key, entry)
      }
    },
  }
}
