import type { Logger } from 'pino'
import { z } from 'zod'
import type { SqlDatabase, SqlExecutor } from './database.ts'
import type { EventLog, LogEvent } from './event-log.ts'

export interface ConsumerOptions {
  /** Unique for ever: the name under which the position and the inbox are kept, e.g. `playback.tracks`. */
  name: string
  /** The room whose log is read, and the topics of it that matter. */
  source: string
  topics: readonly string[]
  log: EventLog
  db: SqlDatabase
  logger: Logger
  /** After so many ms without a sign of life a consumer counts as stopped; a transaction with effects may take as long. 20 s unless said. */
  silenceMs?: number
  /** Has the effect of all `events`, in order, in `tx`. Throwing rolls everything back. */
  apply(tx: SqlExecutor, events: readonly LogEvent[]): Promise<void>
}

export interface Consumer {
  start(): void
  stop(): Promise<void>
  /** Resolves once everything that is in the log now has had its effect. */
  caughtUp(): Promise<void>
}

/** A consumer that stopped is to be noticed within 30 s. */
export const SILENCE_MS = 20_000

/** Of one transaction with effects. */
export const PATIENCE = { timeout: SILENCE_MS, maxWait: 10_000 } as const

/** Between the tries of one event that fails alone: after three it is set aside. */
const BACK_OFF_MS = [50, 100]

/** How long to wait before the next try after so many failures; null: there is none. What does not fit its schema never will. */
export function pauseAfter(failures: number, cause: unknown): number | null {
  if (cause instanceof z.ZodError) return null
  return BACK_OFF_MS[failures - 1] ?? null
}

/** Why an event was set aside, as an operator reads it. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof z.ZodError) return z.prettifyError(cause)
  return cause instanceof Error ? cause.message : String(cause)
}
