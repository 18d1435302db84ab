export interface BreakerOptions {
  /** The share of failed calls in a window at which it opens. */
  threshold: number
  /** Fewer calls than this in a window prove nothing. */
  minimumCalls: number
  windowMs: number
  /** When every call fails for as long as this, it opens as well: nobody waits for the good ones of before to leave the window. */
  outageMs: number
  /** How long an open breaker lets nothing through before it tries one call. */
  sleepMs: number
}

export type BreakerState = 'closed' | 'open' | 'probing'

export const BREAKER: BreakerOptions = {
  threshold: 0.5,
  minimumCalls: 20,
  windowMs: 10_000,
  outageMs: 1_000,
  sleepMs: 5_000,
}

/** Leaves a failing room alone for a while: nobody waits for it, and it gets the time to recover. Times are `performance.now()`. */
export interface Breaker {
  readonly state: BreakerState
  /** Whether a call would be refused now. */
  isOpen(now: number): boolean
  /** A ticket for one call, whose outcome has to be reported; 0 when it is refused. */
  admit(now: number): number
  /** `null` is an outcome that says nothing about the room. */
  report(ticket: number, isFailure: boolean | null, now: number): void
  /** Ends the time in which nothing is let through: the room is said to be back. */
  wake(): void
}

const SLICES = 10

/** `onChange` is told every new state. */
export function createBreaker(options: BreakerOptions, onChange: (state: BreakerState) => void): Breaker {
  const { threshold, minimumCalls, windowMs, outageMs, sleepMs } = options
  const window = createWindow(windowMs)
  let state: BreakerState = 'closed'
  let triedAt = 0
  let failuresInRow = 0
  let failingSince = 0
  let isProbed = false
  // A ticket holds for the state it was given in: how an older call ends is no news of the room as it is now.
  let era = 1

  const enter = (next: BreakerState): void => {
    state = next
    era++
    isProbed = false
    failuresInRow = 0
    window.clear()
    onChange(next)
  }
  const open = (now: number): void => {
    triedAt = now + sleepMs
    enter('open')
  }
  /** After one more failure. */
  const isTooMany = (now: number): boolean => {
    if (failuresInRow++ === 0) failingSince = now
    if (failuresInRow >= minimumCalls && now - failingSince >= outageMs) return true
    return window.calls >= minimumCalls && window.failures >= threshold * window.calls
  }
  const isOpen = (now: number): boolean =>
    (state === 'open' && now < triedAt) || (state === 'probing' && isProbed)

  return {
    get state() {
      return state
    },
    isOpen,
    admit(now) {
      if (state === 'closed') return era
      if (isOpen(now)) return 0
      if (state === 'open') enter('probing')
      isProbed = true
      return era
    },
    wake() {
      triedAt = 0
    },
    report(ticket, isFailure, now) {
      if (ticket !== era) return
      if (state === 'probing') {
        if (isFailure === null) isProbed = false
        else if (isFailure) open(now)
        else enter('closed')
        return
      }
      if (isFailure === null) return
      window.add(isFailure, now)
      if (!isFailure) failuresInRow = 0
      else if (isTooMany(now)) open(now)
    },
  }
}

interface Window {
  readonly calls: number
  readonly failures: number
  add(isFailure: boolean, now: number): void
  clear(): void
}

/** Counts over the last `windowMs`, forgotten a tenth of it at a time. */
function createWindow(windowMs: number): Window {
  const sliceMs = windowMs / SLICES
  const callsOf = new Uint32Array(SLICES)
  const failuresOf = new Uint32Array(SLICES)
  let calls = 0
  let failures = 0
  let latest = 0

  const clear = (): void => {
    callsOf.fill(0)
    failuresOf.fill(0)
    calls = 0
    failures = 0
  }
  const forget = (at: number): void => {
    if (at - latest >= SLICES) clear()
    else {
      for (let slice = latest + 1; slice <= at; slice++) {
        const index = slice % SLICES
        calls -= callsOf[index] ?? 0
        failures -= failuresOf[index] ?? 0
        callsOf[index] = 0
        failuresOf[index] = 0
      }
    }
    latest = at
  }

  return {
    get calls() {
      return calls
    },
    get failures() {
      return failures
    },
    add(isFailure, now) {
      const at = Math.floor(now / sliceMs)
      if (at > latest) forget(at)
      const index = at % SLICES
      callsOf[index] = (callsOf[index] ?? 0) + 1
      calls++
      if (!isFailure) return
      failuresOf[index] = (failuresOf[index] ?? 0) + 1
      failures++
    },
    clear,
  }
}
