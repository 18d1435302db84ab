import { z } from 'zod'
import type { CachingOptions } from './caching.ts'

const megabytes = z.coerce.number().int().min(0).max(16_384)

/** What identical queries share while they are under way, and the memory for what is kept: the part of a configuration. */
export const cachingSettings = {
  SHARE: z.enum(['nothing', 'calls', 'answers']).default('calls'),
  ENTITY_CACHE_MB: megabytes.default(64),
  ANSWER_CACHE_MB: megabytes.default(32),
}

export function cachingOf(settings: {
  SHARE: CachingOptions['share']
  ENTITY_CACHE_MB: number
  ANSWER_CACHE_MB: number
}): CachingOptions {
  return {
    share: settings.SHARE,
    entityBytes: settings.ENTITY_CACHE_MB * 2 ** 20,
    answerBytes: settings.ANSWER_CACHE_MB * 2 ** 20,
  }
}
