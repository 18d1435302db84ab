import { z } from 'zod'
import { admissionSettings } from './admission-settings.ts'
import { arrivalSettings } from './arrival-settings.ts'
import { cachingSettings } from './caching/settings.ts'
import { rateSettings } from './rate-limit/settings.ts'

/** What the door reads when it runs as a process of its own. */
export const doorSettings = z.object({
  CADENZA_INTERNAL_SECRET: z.string().min(32),
  PORT: z.coerce.number().int().min(0).max(65535).default(4000),
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  NODE_ENV: z.string().default('development'),
  DEFAULT_COUNTRY: z.string().length(2).default('US'),
  ROOM_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(2_000),
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
  ...cachingSettings,
  ...rateSettings,
  ...arrivalSettings,
  ...admissionSettings,
  SUBGRAPH_USERS_URL: z.url(),
  SUBGRAPH_CATALOG_URL: z.url(),
  SUBGRAPH_PLAYLISTS_URL: z.url(),
  SUBGRAPH_PLAYBACK_URL: z.url(),
  SUBGRAPH_RECOMMENDATIONS_URL: z.url(),
})
