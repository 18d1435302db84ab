import type { Room, RoomRequest, RoomResponse } from '#shared/room.ts'
import { FellBehind } from '#shared/streams.ts'
import { doorStreams } from '../telemetry.ts'
import type { Feed } from './feed.ts'

/** One stream of a room and the feeds that live on it. */
export interface Stream {
  /** False once an event has come: who joins after that would not get what came with the opening, a snapshot for one. */
  readonly isFresh: boolean
  readonly feeds: Map<string, Feed>
  /** Looks again whether somebody is ready for more. */
  wake(): void
  /** Ends the room's stream at once, even while it is being opened. */
  close(): void
}

export interface StreamOptions {
  room: Room
  request: Omit<RoomRequest, 'signal'>
  /** What is told of a stream that fails. */
  explain(error: unknown): RoomResponse
  /** Called once, when nobody can join any more. */
  onClose(): void
}

/** Opens a stream, and reads it as fast as the readiest of its feeds takes it. */
export function openStream({ room, request, explain, onClose }: StreamOptions): Stream {
  const feeds = new Map<string, Feed>()
  const leaving = new AbortController()
  let source: AsyncIterableIterator<RoomResponse> | null = null
  let isFresh = true
  let isClosed = false
  let wake = (): void => undefined

  async function run(): Promise<void> {
    const answer = await room.subscribe({ ...request, signal: leaving.signal })
    if (!(Symbol.asyncIterator in answer)) {
      for (const feed of feeds.values()) feed.take(answer)
      return
    }
    source = answer
    // Everybody left while it was being opened.
    if (isClosed) void source.return?.()
    while (!isClosed) {
      if (!isWanted()) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const step = await source.next()
      if (isClosed || step.done === true) return
      isFresh = false
      for (const feed of feeds.values()) feed.take(step.value)
    }
  }

  function isWanted(): boolean {
    for (const feed of feeds.values()) if (feed.isReady()) return true
    return false
  }

  function fail(error: unknown): void {
    if (isClosed) return
    const isTooSlow = error instanceof FellBehind
    for (const feed of feeds.values()) {
      if (isTooSlow) feed.cutOff()
      else feed.take(explain(error))
    }
  }

  function close(): void {
    if (isClosed) return
    isClosed = true
    doorStreams.dec()
    leaving.abort()
    wake()
    source?.return?.().catch(() => undefined)
    onClose()
  }

  doorStreams.inc()
  run()
    .catch(fail)
    .finally(() => {
      for (const feed of feeds.values()) feed.end()
      close()
    })
  return {
    feeds,
    get isFresh() {
      return isFresh && !isClosed
    },
    wake: () => wake(),
    close,
  }
}
