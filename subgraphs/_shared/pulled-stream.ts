/** What a pull brings: an item, and whether it is the last one. */
export interface Pulled<Item> {
  item: Item
  isLast: boolean
}

/**
 * A stream whose items are looked for as the consumer asks: nothing waits in it. `pull` resolves to null when there will be no
 * more, also soon after `close`, which is called once: when the stream ends, a pull fails or the consumer leaves.
 *
 * Written by hand: `return()` settles the `next()` that waits, and frees everything at once.
 */
export function createPulledStream<Item>(
  pull: () => Promise<Pulled<Item> | null>,
  close: () => void,
): AsyncIterableIterator<Item> {
  let isOver = false
  let settle: (step: IteratorResult<Item>) => void = () => undefined

  const end = (): void => {
    if (isOver) return
    isOver = true
    close()
    settle({ done: true, value: undefined })
  }

  return {
    next() {
      if (isOver) return Promise.resolve({ done: true, value: undefined })
      return new Promise((resolve, reject) => {
        settle = resolve
        pull().then(
          (pulled) => {
            if (pulled !== null) resolve({ done: false, value: pulled.item })
            if (pulled === null || pulled.isLast) end()
          },
          (error: unknown) => {
            reject(error)
            end()
          },
        )
      })
    },
    return() {
      end()
      return Promise.resolve({ done: true, value: undefined })
    },
    throw(error: unknown) {
      end()
      return Promise.reject(error)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
