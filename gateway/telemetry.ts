import { Gauge, Histogram } from 'prom-client'
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
