/** What one day in ten minutes takes: the time was `base` when it was `since` here (both ms of Unix time), and goes `speed` times as fast. */
export interface Pace {
  base: number
  since: number
  speed: number
}

/** The same time in every process that is told the same pace. */
export function timeBy({ base, since, speed }: Pace): () => number {
  return () => Math.floor(base + (Date.now() - since) * speed)
}

export const REAL_TIME: Pace = { base: 0, since: 0, speed: 1 }

export function paceArguments({ base, since, speed }: Pace): string[] {
  return [base, since, speed].map(String)
}

export function readPace(args: readonly string[]): Pace {
  const [base = 0, since = 0, speed = 1] = args.map(Number)
  return { base, since, speed }
}

/** As far before the end of last month (UTC) as half of what is played takes: months are closed one by one, and here two meet. */
export function lastMonthEnd(minutes: number): number {
  const today = new Date()
  return Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1) - minutes * 30_000
}
