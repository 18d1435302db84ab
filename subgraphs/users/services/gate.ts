import { AppError } from '#shared/errors.ts'

/** Lets a few through at a time and a few more wait: who comes after those is sent away with RATE_LIMITED at once. */
export interface Gate {
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

export function createGate(concurrency: number, queueLength: number): Gate {
  const waiting: (() => void)[] = []
  let running = 0

  return {
    async run(work) {
      if (running < concurrency) running++
      else if (waiting.length < queueLength) await new Promise<void>((enter) => waiting.push(enter))
      else throw new AppError('RATE_LIMITED', 'Many people are signing in right now: try again in a moment')
      try {
        return await work()
      } finally {
        // The place is handed on, not given back, so nobody who comes between can overtake the queue.
        const next = waiting.shift()
        if (next === undefined) running--
        else next()
      }
    },
  }
}
