import { AppError } from '#shared/errors.ts'

export interface Turns {
  /** Runs `work` after everything that was given before for `key`; UNAVAILABLE when too many wait already. */
  take<Result>(key: string, work: () => Promise<Result>): Promise<Result>
}

const MAX_WAITING = 500

/**
 * One edit of a list at a time in this process. The row lock is what keeps edits apart; this only keeps the writers of one
 * busy list from waiting for that lock with a connection each, until none is left for anybody else.
 */
export function createTurns(): Turns {
  const queues = new Map<string, { waiting: number; last: Promise<unknown> }>()

  return {
    take(key, work) {
      const queue = queues.get(key) ?? { waiting: 0, last: Promise.resolve() }
      if (queue.waiting >= MAX_WAITING)
        return Promise.reject(new AppError('UNAVAILABLE', 'Too many edits of this playlist wait already'))
      queues.set(key, queue)
      queue.waiting++
      const turn = queue.last.then(work)
      const settled = (): void => {
        queue.waiting--
        if (queue.waiting === 0) queues.delete(key)
      }
      queue.last = turn.then(settled, settled)
      return turn
    },
  }
}
