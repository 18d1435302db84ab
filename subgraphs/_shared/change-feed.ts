import type { Ahead, EventLog, LogEvent, LogPosition } from './event-log.ts'
import { createChannel } from './streams.ts'

export interface ChangeFeedOptions<Change> {
  log: EventLog
  /** Whose log is read, and which of its events. */
  room: string
  topics: readonly string[]
  /** What an event says has changed. */
  changesOf(event: LogEvent): readonly Change[]
}

/** What a room's own log says has changed, for those who keep some of it. */
export interface ChangeFeed<Change> {
  /** Everything that is committed from now on, once at least. A log that cannot be read ends the stream with an error. */
  open(): Promise<AsyncIterableIterator<Change[]>>
}

const BATCH = 500
/** How soon to look again: when events are there but not yet to be read, and in case a hint was lost. */
const [UNSETTLED_MS, POLL_MS] = [20, 1_000]

export function createChangeFeed<Change>(options: ChangeFeedOptions<Change>): ChangeFeed<Change> {
  const { log, room, topics, changesOf } = options
  return {
    async open() {
      let position = await log.end()
      let isOver = false
      let isHinted = false
      let ring = (): void => undefined
      const wake = (): void => {
        isHinted = true
        ring()
      }
      const unlisten = log.onNews(room, wake)
      const channel = createChannel<Change[]>({
        onClose() {
          isOver = true
          unlisten()
          ring()
        },
      })

      async function step(after: LogPosition): Promise<Ahead> {
        isHinted = false
        const { events, next, ahead } = await log.read(room, after, topics, BATCH)
        position = next
        const changes = events.flatMap(changesOf)
        if (changes.length > 0) channel.push(changes)
        return ahead
      }

      async function rest(ms: number): Promise<void> {
        if (isHinted || isOver) return
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          ring = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }

      async function run(): Promise<void> {
        while (!isOver) {
          const ahead = await step(position)
          if (ahead === 'unsettled') await rest(UNSETTLED_MS)
          if (ahead === 'nothing') await rest(POLL_MS)
        }
      }

      run().catch((error: Error) => channel.close(error))
      return channel
    },
  }
}
