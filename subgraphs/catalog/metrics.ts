import { Counter } from 'prom-client'
import { metrics } from '#shared/telemetry.ts'

export const cacheReads = new Counter({
  name: 'cadenza_catalog_cache_reads_total',
  help: 'Rows and lists asked for: kept (hit), read (miss), or being read by somebody else (shared)',
  labelNames: ['outcome'] as const,
  registers: [metrics],
})
