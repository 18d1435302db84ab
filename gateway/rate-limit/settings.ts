import { z } from 'zod'
import type { Rate } from './limiter.ts'

/** What a caller may use in an hour, and at once: the part of a configuration. */
export const rateSettings = {
  RATE_LIMIT_PER_HOUR: z.coerce.number().int().min(1).max(1_000_000_000).default(1_000),
}

export function rateOf({ RATE_LIMIT_PER_HOUR: units }: { RATE_LIMIT_PER_HOUR: number }): Rate {
  return { perHour: units, burst: units }
}
