import { AppError } from '#shared/errors.ts'

/** Lets those who would wait for the same lock in the database wait here, one after the other, and without a connection each. */
export interface Turns {
  /** UNAVAILABLE when too many wait for this key already. */
  take<Result>(key: string, work: () => Promise<Result>): Promise<Result>
}

const MAX_WAITING = 2_000

export function createTurns(): Turns {
  const queues = new Map<string, { last: Promise<unknown>; waiting: number }>()

  return {
    async take(key, work) {
      const queue = queues.get(key) ?? { last: Promise.resolve(), waiting: 0 }
      if (queue.waiting >= MAX_WAITING) throw new AppError('UNAVAILABLE', 'Too many wait for this account')
      queues.set(key, queue)
      queue.waiting++
      const turn = queue.last.then(work)
      queue.last = turn.catch(() => undefined)
      try {
        return await turn
      } finally {
        if (--queue.waiting === 0) queues.delete(key)
      }
    },
  }
}
