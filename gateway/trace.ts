/** What it took to answer one request, told to the developer who asks for it. Times are milliseconds since it began. */
export interface Trace {
  /** By performance.now(). */
  readonly beganAt: number
  /** Whether the operation had been planned before. */
  plan: 'made' | 'known'
  /** Where the answer is from: an execution of its own, one of somebody who asked the same at the same time, or the cache. */
  answer: 'executed' | 'shared' | 'cached'
  /** Begins a call of a room for so many entities; 0 where it asks for root fields. */
  call(room: string, entities: number): CallTrace
  /** As it stands in `extensions` of an answer. */
  toJSON(): object
}

/** One call of a room, as it is known once it has ended. */
export interface CallTrace {
  /** Of its entities, those that the cache knew: they were not sent. */
  cached: number
  /** Nothing was sent, for all of it was cached. */
  isCached: boolean
  /** Answered by an identical call that was under way. */
  isShared: boolean
  hasFailed: boolean
  end(): void
}

export function createTrace(): Trace {
  const beganAt = performance.now()
  const elapsed = (): number => Math.round((performance.now() - beganAt) * 100) / 100
  const calls: object[] = []
  return {
    beganAt,
    plan: 'known',
    answer: 'executed',
    call(room, entities) {
      const call = {
        room,
        at: elapsed(),
        ms: 0,
        entities,
        cached: 0,
        isCached: false,
        isShared: false,
        hasFailed: false,
      }
      calls.push(call)
      return Object.assign(call, {
        end() {
          call.ms = Math.round((elapsed() - call.at) * 100) / 100
        },
      })
    },
    toJSON() {
      const { plan, answer } = this
      return { ms: elapsed(), plan, answer, calls }
    },
  }
}
