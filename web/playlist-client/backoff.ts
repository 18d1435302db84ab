const FIRST_MS = 100
const LONGEST_MS = 2_000

/** Waits between attempts: longer each time, and never in step with everybody else who waits for the same. */
export interface Backoff {
  /** Calls `again` after the next wait, unless `cancel` comes first. */
  schedule(again: () => void): void
  cancel(): void
  /** It has worked: the next wait is short again. */
  reset(): void
}

export function createBackoff(): Backoff {
  let attempts = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    schedule(again) {
      clearTimeout(timer)
      timer = setTimeout(again, Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempts++))
    },
    cancel: () => clearTimeout(timer),
    reset() {
      attempts = 0
    },
  }
}
