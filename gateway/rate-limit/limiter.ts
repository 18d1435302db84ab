import { LRUCache } from 'lru-cache'

/** What a caller may use, in units: so many an hour, and so many at once after having used none for long enough. */
export interface Rate {
  readonly perHour: number
  readonly burst: number
}

export interface Verdict {
  readonly allowed: boolean
  /** When what was refused would be allowed, if nothing else is taken until then; 0 where it was allowed. */
  readonly retryAfterMs: number
  /** Units that could be taken now. */
  readonly remaining: number
}

/** Counts what each key uses. In this process or in a store that several share: the decision is one step in either. */
export interface RateLimiter {
  /** Takes all the units, or none. */
  take(key: string, units: number): Verdict | Promise<Verdict>
}

const HOUR_MS = 3_600_000

/** Keys that are remembered: one that is forgotten has not been seen for longest. */
const REMEMBERED = 100_000

/** What a sum of as many fractions may be wrong by, in milliseconds. */
const ROUNDING_MS = 1e-3

/**
 * The generic cell rate algorithm: of a key, only the moment is kept at which all it took will have been made up for. No window
 * begins anew, so there is no border at which twice the rate would pass. `now` in milliseconds, and never back.
 */
export function createRateLimiter(
  { perHour, burst }: Rate,
  now: () => number = () => performance.now(),
): RateLimiter {
  const intervalMs = HOUR_MS / perHour
  const toleranceMs = burst * intervalMs
  const paidAt = new LRUCache<string, number>({ max: REMEMBERED })

  return {
    take(key, units) {
      const at = now()
      const before = Math.max(at, paidAt.get(key) ?? 0)
      // What is more than a burst would never be allowed: it takes the whole of one.
      const after = before + Math.min(units, burst) * intervalMs
      const leftMs = at + toleranceMs - after
      const allowed = leftMs >= -ROUNDING_MS
      if (allowed) paidAt.set(key, after)
      const remaining = Math.floor((at + toleranceMs - (allowed ? after : before) + ROUNDING_MS) / intervalMs)
      return { allowed, retryAfterMs: allowed ? 0 : -leftMs, remaining }
    },
  }
}
