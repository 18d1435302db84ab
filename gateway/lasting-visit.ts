import { AppError } from '#shared/errors.ts'
import type { Authenticator, Visit } from './authenticator.ts'
import type { Arrival, Caller } from './caller.ts'

/** A visit that lasts longer than its token may: a socket's, or an event stream's. */
export interface LastingVisit {
  readonly caller: Caller
  /** When it ends unless it is renewed: milliseconds since the epoch; never for nobody. */
  readonly expiresAt: number
  /** Goes on with a newer token of the same person: FORBIDDEN with anybody else's, UNAUTHENTICATED with one that is not good. */
  renew(arrival: Arrival): Promise<void>
  end(): void
}

/** As long as a timer can be set for, which is 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Calls `onOver` once, when the token expires or its session ends; not after `end`. */
export function createLastingVisit(
  first: Visit,
  authenticator: Authenticator,
  onOver: () => void,
): LastingVisit {
  let visit = first
  let isOver = false
  let unwatch = watch()

  function over(): void {
    if (isOver) return
    end()
    onOver()
  }

  function watch(): () => void {
    const unlisten = authenticator.onSessionEnd(visit.caller, over)
    let timer: NodeJS.Timeout | undefined
    const wait = (): void => {
      const left = visit.expiresAt - Date.now()
      if (left <= 0) over()
      else timer = setTimeout(wait, Math.min(left, LONGEST_TIMER_MS))
    }
    if (Number.isFinite(visit.expiresAt)) timer = setTimeout(wait, 0)
    return () => {
      unlisten()
      clearTimeout(timer)
    }
  }

  function end(): void {
    isOver = true
    unwatch()
  }

  return {
    get caller() {
      return visit.caller
    },
    get expiresAt() {
      return visit.expiresAt
    },
    async renew(arrival) {
      const next = await authenticator.visit(arrival)
      const { userId } = visit.caller.identity
      if (userId === null || next.caller.identity.userId !== userId)
        throw new AppError('FORBIDDEN', 'This is not a token of who has been here until now')
      if (isOver) return
      unwatch()
      visit = next
      unwatch = watch()
    },
    end,
  }
}
