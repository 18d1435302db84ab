import type { Consumer } from '#shared/consumer.ts'
import { copyStaleness } from '../metrics.ts'

/** Watches how far copies may be behind the rooms they come from. */
export interface Freshness {
  start(): void
  stop(): Promise<void>
}

const EVERY_MS = 1_000

/**
 * Plays go on from our copies however old they are: the metric says how old that may be. It grows from the moment a copy was last known
 * to have all there was, whether its consumer is behind, stands still or cannot read, which its lag alone would not show.
 */
export function createFreshness(copies: Readonly<Record<string, Consumer>>, now: () => number): Freshness {
  const names = Object.keys(copies)
  const seenAt = new Map(names.map((copy) => [copy, now()]))
  const waiting = new Set<string>()
  let timer: NodeJS.Timeout | null = null

  /** What was asked for at one moment, and is there now, was there at that moment: the time of asking counts. */
  async function look(copy: string): Promise<void> {
    if (waiting.has(copy)) return
    waiting.add(copy)
    const asked = now()
    await copies[copy]?.caughtUp()
    seenAt.set(copy, asked)
    waiting.delete(copy)
  }

  copyStaleness.watch(() => names.map((copy) => [copy, Math.max(0, now() - (seenAt.get(copy) ?? 0)) / 1_000]))
  return {
    start() {
      timer = setInterval(() => {
        for (const copy of names) void look(copy)
      }, EVERY_MS).unref()
    },
    async stop() {
      if (timer !== null) clearInterval(timer)
    },
  }
}
