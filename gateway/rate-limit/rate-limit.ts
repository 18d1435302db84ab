import { AppError } from '#shared/errors.ts'
import type { Caller } from '../caller.ts'
import type { RateLimiter } from './limiter.ts'

/** What callers use of the door, whichever way they come: RATE_LIMITED, with the time to wait, where it is too much. */
export interface RateLimit {
  /** A request, before anything of it is read. */
  admit(caller: Caller): Promise<void>
  /** What it costs beyond that, and the units of its guess at a secret. */
  charge(caller: Caller, cost: number, guess: number): Promise<void>
  /** It was refused, but only after it had taken the time of many. Never rejects: what comes next pays for it. */
  fine(caller: Caller): Promise<void>
}

/** A unit pays for a request with this much cost. */
const COST_OF_A_UNIT = 1_000
const UNITS_OF_A_FINE = 50

export class RateLimited extends AppError {
  constructor(retryAfterMs: number) {
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000))
    super('RATE_LIMITED', `Too many requests: try again in ${seconds} s`)
    this.extensions['retryAfter'] = seconds
  }
}

export function createRateLimit(limiter: RateLimiter): RateLimit {
  async function take(key: string, units: number): Promise<void> {
    if (units <= 0) return
    const { allowed, retryAfterMs } = await limiter.take(key, units)
    if (!allowed) throw new RateLimited(retryAfterMs)
  }
  return {
    admit: (caller) => take(ownerOf(caller), 1),
    async charge(caller, cost, guess) {
      // By address and on an account of their own: nobody is kept from signing in by what others ask, nor signs in to guess more.
      await take(`guesses ${caller.address}`, guess)
      await take(ownerOf(caller), Math.ceil(cost / COST_OF_A_UNIT) - 1)
    },
    async fine(caller) {
      const { allowed, remaining } = await limiter.take(ownerOf(caller), UNITS_OF_A_FINE)
      if (!allowed && remaining > 0) await limiter.take(ownerOf(caller), remaining)
    },
  }
}

/** Where nothing is counted. */
export const NO_RATE_LIMIT: RateLimit = {
  admit: async () => undefined,
  charge: async () => undefined,
  fine: async () => undefined,
}

function ownerOf({ identity: { userId }, address }: Caller): string {
  return userId === null ? `address ${address}` : `user ${userId}`
}
