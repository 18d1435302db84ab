import { type Channel, createChannel } from '#shared/streams.ts'

/** A channel whose source waits for its reader, and which needs no limit of its own therefore. */
export interface PacedChannel<Item> extends Channel<Item> {
  /** Whether something waits for the reader. */
  readonly isAhead: boolean
  /** Settles when nothing waits any more: it has been taken, or nobody takes it. */
  drained(): Promise<void>
}

export function createPacedChannel<Item>(onClose: () => void): PacedChannel<Item> {
  const waiting = new Set<() => void>()
  /** What was pushed, less what was asked for. */
  let ahead = 0
  let isClosed = false

  const release = (): void => {
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  const channel = createChannel<Item>({
    limit: Number.POSITIVE_INFINITY,
    onClose() {
      isClosed = true
      release()
      onClose()
    },
  })
  const isAhead = (): boolean => ahead > 0 && !isClosed
  return {
    ...channel,
    get isAhead() {
      return isAhead()
    },
    async drained() {
      if (isAhead()) await new Promise<void>((resolve) => waiting.add(resolve))
    },
    push(item) {
      ahead++
      channel.push(item)
    },
    next() {
      ahead--
      if (ahead <= 0) release()
      return channel.next()
    },
  }
}
