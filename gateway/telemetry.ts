import { Counter, Gauge, Histogram } from 'prom-client'
import { metrics } from '#shared/telemetry.ts'

export const doorRequests = new Histogram({
  name: 'cadenza_door_request_seconds',
  help: 'Time from a parsed request to its answer',
  labelNames: ['operation', 'outcome'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  registers: [metrics],
})

export const doorSockets = new Gauge({
  name: 'cadenza_door_sockets',
  help: 'Open WebSockets',
  registers: [metrics],
})

export const doorSubscriptions = new Gauge({
  name: 'cadenza_door_subscriptions',
  help: 'Running subscriptions',
  registers: [metrics],
})

export const doorAnswers = new Counter({
  name: 'cadenza_door_answers_total',
  help: 'Answers to queries: executed, shared with an execution under way, or cached',
  labelNames: ['from'] as const,
  registers: [metrics],
})

export const doorCallsShared = new Counter({
  name: 'cadenza_door_calls_shared_total',
  help: 'Calls of a room that were not made because an identical one was under way',
  labelNames: ['room'] as const,
  registers: [metrics],
})

export const doorCallsCached = new Counter({
  name: 'cadenza_door_calls_cached_total',
  help: 'Calls of a room that were not made because all of the answer was cached',
  labelNames: ['room'] as const,
  registers: [metrics],
})

export const doorEntities = new Counter({
  name: 'cadenza_door_entities_total',
  help: 'Entities that may be kept: asked of their room, or cached',
  labelNames: ['room', 'outcome'] as const,
  registers: [metrics],
})

export const doorCacheBytes = new Gauge({
  name: 'cadenza_door_cache_bytes',
  help: 'Memory of what is kept, estimated',
  labelNames: ['cache'] as const,
  registers: [metrics],
})

export const doorStreams = new Gauge({
  name: 'cadenza_door_streams',
  help: 'Streams of rooms that are open, or being opened, for subscriptions',
  registers: [metrics],
})

export const doorEventStreams = new Gauge({
  name: 'cadenza_door_event_streams',
  help: 'Clients that follow an operation over server-sent events',
  registers: [metrics],
})

export const doorConsumersCut = new Counter({
  name: 'cadenza_door_consumers_cut_total',
  help: 'Connections ended because their client read too slowly',
  registers: [metrics],
})
