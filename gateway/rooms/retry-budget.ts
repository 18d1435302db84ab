/** Keeps retries to a share of the calls, so that a room in trouble is not asked twice as much for it. */
export interface RetryBudget {
  /** Called once a call. */
  earn(): void
  /** Whether one more retry is allowed now. */
  spend(): boolean
}

/** One retry for this many calls. */
const CALLS_A_RETRY = 10

/** Retries a room has before it was called, and saves at most. */
const RESERVE = 10

export function createRetryBudget(): RetryBudget {
  let calls = RESERVE * CALLS_A_RETRY
  return {
    earn() {
      if (calls < RESERVE * CALLS_A_RETRY) calls++
    },
    spend() {
      if (calls < CALLS_A_RETRY) return false
      calls -= CALLS_A_RETRY
      return true
    },
  }
}

/** Whether an operation may be sent twice. A room that has not answered may have done all the same what it was told. */
export function isRepeatable(operation: string): boolean {
  return operation.startsWith('{') || operation.startsWith('query')
}
