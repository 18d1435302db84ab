import { type Logger, pino } from 'pino'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** One registry a process: rooms that share a process share it, told apart by labels. */
export const metrics = new Registry()
collectDefaultMetrics({ register: metrics })

export const roomRequests = new Histogram({
  name: 'cadenza_room_request_seconds',
  help: 'Time a room takes to answer the door',
  labelNames: ['room', 'outcome'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  registers: [metrics],
})

export const consumerEvents = new Counter({
  name: 'cadenza_consumer_events_total',
  help: 'Events that have had their effect',
  labelNames: ['consumer'] as const,
  registers: [metrics],
})

export const consumerDeadLetters = new Counter({
  name: 'cadenza_consumer_dead_letters_total',
  help: 'Events set aside after three failures',
  labelNames: ['consumer'] as const,
  registers: [metrics],
})

export const consumerLag = new Gauge({
  name: 'cadenza_consumer_lag_seconds',
  help: 'Age of the last event read while the consumer is behind; 0 when caught up',
  labelNames: ['consumer'] as const,
  registers: [metrics],
})

export const consumerBehind = new Gauge({
  name: 'cadenza_consumer_lag_events',
  help: 'Events that lie before the consumer in the log it reads',
  labelNames: ['consumer'] as const,
  registers: [metrics],
})

export const consumerRestarts = new Counter({
  name: 'cadenza_consumer_restarts_total',
  help: 'Times a consumer had stopped and was started again',
  labelNames: ['consumer'] as const,
  registers: [metrics],
})

export const relayEvents = new Counter({
  name: 'cadenza_relay_events_total',
  help: 'Events carried from the outbox to the broker',
  labelNames: ['room'] as const,
  registers: [metrics],
})

export const relayLag = new Gauge({
  name: 'cadenza_relay_lag_seconds',
  help: 'Age of the first event that waits in the outbox for the broker; 0 when none does',
  labelNames: ['room'] as const,
  registers: [metrics],
})

export type { Logger }

/** Structured logs on standard error; standard output is for the people who start the program. */
export function createLogger(name: string, level: string): Logger {
  return pino(
    { name, level, redact: ['*.password', '*.token', '*.accessToken', '*.refreshToken'] },
    pino.destination(2),
  )
}
