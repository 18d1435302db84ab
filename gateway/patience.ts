import { AppError } from '#shared/errors.ts'
import type { StopSignal } from '#shared/room.ts'
import { createDeadlines, within } from './deadlines.ts'

/** How long requests are worked on. */
export interface Patience {
  /** Aborted when the time is over, or `hasLeft` says that nobody reads the answer any more: what is missing by then is an error. */
  begin(hasLeft?: () => boolean): StopSignal
  /** The last resort, a moment later: what `work` comes to, or TIMEOUT. */
  bound<Answer>(work: Promise<Answer>): Promise<Answer>
}

/** What an answer that lacks something takes to be written. */
const GRACE_MS = 250

export function createPatience(limitMs: number): Patience {
  const deadlines = createDeadlines()
  const toError = (): AppError => new AppError('TIMEOUT', 'The answer took too long')

  return {
    begin(hasLeft = () => false) {
      const dueAt = performance.now() + limitMs
      return {
        get aborted() {
          return performance.now() >= dueAt || hasLeft()
        },
        get reason() {
          return hasLeft() ? new AppError('UNAVAILABLE', 'Nobody waits for the answer') : toError()
        },
      }
    },
    bound(work) {
      const dueAt = performance.now() + limitMs + GRACE_MS
      return within(deadlines, { dueAt, signal: undefined, toError }, work)
    },
  }
}
