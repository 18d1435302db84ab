/** Wakes the one who waits. A ring that finds nobody waiting is gone: look before resting. */
export interface Bell {
  ring(): void
  /** Until the next ring, or for so long; null is for as long as it takes. */
  rest(ms: number | null): Promise<void>
}

export function createBell(): Bell {
  let wake: () => void = () => undefined
  return {
    ring: () => wake(),
    rest: (ms) =>
      new Promise((resolve) => {
        const timer = ms === null ? undefined : setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
  }
}
