import type { Writable } from 'node:stream'

/** What one operation has to say to its client: dropped as a whole when the client no longer wants it. */
export interface Lane {
  waiting: number
  isClosed: boolean
}

/** Sends to one client, and keeps what it cannot take yet: little, for one that does not read would cost memory without end. */
export interface Outlet {
  send(lane: Lane, message: string): void
  /** Whether the client takes a message at once. */
  isReady(): boolean
  /** Whether nothing at all went out since this was last asked, though something should have. */
  hasStalled(): boolean
  /** Drops what waits. */
  close(): void
}

export interface OutletOptions {
  /** Where messages end up. It says when it is full, and when it no longer is. */
  stream: Writable
  write(message: string): void
  onReady(): void
  /** More waits than is kept. */
  onOverflow(): void
}

/** Messages of one lane; and characters of all, unless a single message has more. */
const LIMITS = { waiting: 128, characters: 1024 * 1024 }

export function createLane(): Lane {
  return { waiting: 0, isClosed: false }
}

/**
 * What a stream has buffered shows a slow client only to who goes on writing. So nothing is written while it is full: what waits
 * then waits here, where it is counted.
 */
export function createOutlet({ stream, write, onReady, onOverflow }: OutletOptions): Outlet {
  const queue: { lane: Lane; message: string }[] = []
  let characters = 0
  let isClosed = false
  let hasMoved = true

  const isReady = (): boolean => queue.length === 0 && !stream.writableNeedDrain

  function flush(): void {
    hasMoved = true
    while (!stream.writableNeedDrain) {
      const next = queue.shift()
      if (next === undefined) {
        onReady()
        return
      }
      characters -= next.message.length
      next.lane.waiting--
      if (!next.lane.isClosed) write(next.message)
    }
  }

  stream.on('drain', flush)
  return {
    send(lane, message) {
      if (isClosed) return
      if (isReady()) {
        write(message)
        return
      }
      queue.push({ lane, message })
      characters += message.length
      lane.waiting++
      const isTooMuch = characters > LIMITS.characters && queue.length > 1
      if (lane.waiting > LIMITS.waiting || isTooMuch) onOverflow()
    },
    isReady,
    hasStalled() {
      const hasStalled = !hasMoved && !isReady()
      hasMoved = false
      return hasStalled
    },
    close() {
      isClosed = true
      queue.length = 0
      stream.off('drain', flush)
    },
  }
}
