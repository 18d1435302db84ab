/**
 * A source whose consumer can leave at any moment: `return()` settles a pending `next()` and runs `onClose` at once.
 * An async generator waiting for its next event would never see the consumer go.
 */
export interface Channel<Item> extends AsyncIterableIterator<Item> {
  push(item: Item): void
  /** Ends the stream after what is queued; with an error, the consumer's next read throws it. */
  close(error?: Error): void
}

/** More waited for a consumer than is kept for one. */
export class FellBehind extends Error {
  constructor() {
    super('The consumer fell behind')
    this.name = 'FellBehind'
  }
}

export function createChannel<Item>(options: { onClose?: () => void; limit?: number } = {}): Channel<Item> {
  const queue: Item[] = []
  const limit = options.limit ?? 1_024
  let waiting: { resolve(result: IteratorResult<Item>): void; reject(error: Error): void } | null = null
  let failure: Error | null = null
  let isClosed = false

  const finish = (error?: Error): void => {
    if (isClosed) return
    isClosed = true
    failure = error ?? null
    options.onClose?.()
    if (waiting === null) return
    if (failure === null) waiting.resolve({ done: true, value: undefined })
    else waiting.reject(failure)
    failure = null // told once
    waiting = null
  }

  return {
    push(item) {
      if (isClosed) return
      if (waiting !== null) {
        waiting.resolve({ done: false, value: item })
        waiting = null
        return
      }
      queue.push(item)
      // A consumer this far behind would cost memory without end: it is cut off and resumes from where it was.
      if (queue.length > limit) finish(new FellBehind())
    },
    close: finish,
    next() {
      if (queue.length > 0) return Promise.resolve({ done: false, value: queue.shift() as Item })
      if (failure !== null) {
        const error = failure
        failure = null
        return Promise.reject(error)
      }
      if (isClosed) return Promise.resolve({ done: true, value: undefined })
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
      })
    },
    return() {
      queue.length = 0
      finish()
      return Promise.resolve({ done: true, value: undefined })
    },
    throw(error: unknown) {
      queue.length = 0
      finish()
      return Promise.reject(error)
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      finish()
    },
  } as Channel<Item>
}

/** Maps a stream item by item and forwards `return()`, so that leaving frees the source at once. */
export function mapStream<In, Out>(
  source: AsyncIterable<In>,
  map: (item: In) => Out | Promise<Out>,
): AsyncIterableIterator<Out> {
  const iterator = source[Symbol.asyncIterator]()
  return {
    async next() {
      const step = await iterator.next()
      return step.done === true
        ? { done: true, value: undefined }
        : { done: false, value: await map(step.value) }
    },
    async return() {
      await iterator.return?.()
      return { done: true, value: undefined }
    },
    async throw(error: unknown) {
      await iterator.return?.()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  } as AsyncIterableIterator<Out>
}
