import type { StopSignal } from '#shared/room.ts'

/** Something that is given up on when its time is over, or when nobody waits for it any more. */
export interface Waiting {
  /** By `performance.now()`. */
  readonly dueAt: number
  readonly signal: StopSignal | undefined
  /** Where it stands among those that are watched; belongs to whoever watches. */
  seat: number
  /** Called once, with the reason of the signal; without one when the time is over. */
  giveUp(reason?: unknown): void
}

/** Watches many calls with one timer, and with none while there are none: one for each, or a listener, costs more than it guards. */
export interface Deadlines {
  watch(waiting: Waiting): void
  unwatch(waiting: Waiting): void
}

/** How much later than due something is given up on, at worst; twice that after the process was held up. */
const TICK_MS = 20

export function createDeadlines(): Deadlines {
  const watched: Waiting[] = []
  let timer: NodeJS.Timeout | undefined
  let looked = 0
  let isHeldUp = false

  const tick = (): void => {
    const now = performance.now()
    // What came while the process was held up is in its sockets: it is read before anything is called late.
    isHeldUp = !isHeldUp && now - looked > 3 * TICK_MS
    looked = now
    if (isHeldUp) return
    // Backwards: whoever goes is replaced by the last one, which was looked at already.
    for (let seat = watched.length - 1; seat >= 0; seat--) {
      const waiting = watched[seat]
      if (waiting === undefined) continue
      if (waiting.signal?.aborted) giveUp(waiting, waiting.signal.reason)
      else if (waiting.dueAt <= now) giveUp(waiting)
    }
    if (watched.length > 0) return
    clearInterval(timer)
    timer = undefined
  }

  const giveUp = (waiting: Waiting, reason?: unknown): void => {
    unwatch(waiting)
    waiting.giveUp(reason)
  }

  const unwatch = (waiting: Waiting): void => {
    const { seat } = waiting
    if (watched[seat] !== waiting) return
    const last = watched.pop()
    if (last !== undefined && last !== waiting) {
      watched[seat] = last
      last.seat = seat
    }
    waiting.seat = -1
  }

  return {
    watch(waiting) {
      waiting.seat = watched.length
      watched.push(waiting)
      if (timer !== undefined) return
      looked = performance.now()
      timer = setInterval(tick, TICK_MS).unref()
    },
    unwatch,
  }
}

export interface Wait extends Pick<Waiting, 'dueAt' | 'signal'> {
  /** What to reject with when the time is over. */
  toError(): Error
}

/** What `work` comes to, unless it is given up on before. `onOrphan` gets what it comes to later: somebody may have to close it. */
export function within<Result>(
  deadlines: Deadlines,
  { dueAt, signal, toError }: Wait,
  work: Promise<Result>,
  onOrphan?: (result: Result) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let isOver = false
    const waiting: Waiting = {
      dueAt,
      signal,
      seat: -1,
      giveUp(reason) {
        isOver = true
        reject(reason ?? toError())
      },
    }
    deadlines.watch(waiting)
    work.then(
      (result) => {
        deadlines.unwatch(waiting)
        if (isOver) onOrphan?.(result)
        else resolve(result)
      },
      (error: unknown) => {
        deadlines.unwatch(waiting)
        reject(error)
      },
    )
  })
}
