import { Counter, Gauge } from 'prom-client'
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

export const tallyDifferences = new Gauge({
  name: 'cadenza_tally_differences',
  help: 'Hourly counts that are not what the plays of that hour say, though all news has come; 0 when all is well',
  registers: [metrics],
})

const staleness = new Gauge({
  name: 'cadenza_playback_copy_staleness_seconds',
  help: 'How long ago a copy was last known to have all that its room had said; a second or two when all is well',
  labelNames: ['copy'] as const,
  registers: [metrics],
  collect() {
    for (const [copy, seconds] of readStaleness()) this.set({ copy }, seconds)
  },
})
let readStaleness: () => readonly (readonly [copy: string, seconds: number])[] = () => []

export const copyStaleness = {
  /** `read` says it when the metric is asked for. */
  watch(read: typeof readStaleness): void {
    staleness.reset()
    readStaleness = read
  },
}
