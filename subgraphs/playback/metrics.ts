import { Counter } from 'prom-client'
import { metrics } from '#shared/telemetry.ts'

export const streamStarts = new Counter({
  name: 'cadenza_stream_starts_total',
  help: 'Answers of playbackStart and playbackRenew: MANIFEST, or the code of the refusal',
  labelNames: ['verb', 'outcome'] as const,
  registers: [metrics],
})

export const keyRequests = new Counter({
  name: 'cadenza_stream_keys_total',
  help: 'Answers to players that ask for a key: KEY, or the code of the refusal',
  labelNames: ['outcome'] as const,
  registers: [metrics],
})

export const edgeResponses = new Counter({
  name: 'cadenza_edge_responses_total',
  help: 'Answers of the audio edge by HTTP status',
  labelNames: ['status'] as const,
  registers: [metrics],
})

export const playsCounted = new Counter({
  name: 'cadenza_plays_counted_total',
  help: 'Plays that reached 30 seconds',
  registers: [metrics],
})
