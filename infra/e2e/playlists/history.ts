import fc from 'fast-check'

/** What a client does next; numbers choose among what it sees at that moment. */
export interface Step {
  kind: 'ADD' | 'REMOVE' | 'MOVE' | 'RENAME' | 'UNDO' | 'CUT'
  chosen: number[]
  side: 'start' | 'end' | 'before' | 'after'
  anchor: number
  /** Tracks that are there already are skipped. */
  isUnique: boolean
  /** Waits for the outcome before the next step; otherwise goes on with what it expects to come of it. */
  isAwaited: boolean
}

/** What a few people do with one list at the same time, over connections that are as bad as `weather` makes them. */
export interface History {
  weather: number
  /** Tracks in the list before. */
  tracks: number
  clients: Step[][]
}

const KINDS = ['ADD', 'ADD', 'REMOVE', 'MOVE', 'MOVE', 'RENAME', 'UNDO', 'CUT'] as const
const SIDES = ['start', 'end', 'before', 'after', 'before', 'after'] as const

const step = fc.record<Step>({
  kind: fc.constantFrom(...KINDS),
  chosen: fc.uniqueArray(fc.nat({ max: 59 }), { minLength: 1, maxLength: 4 }),
  side: fc.constantFrom(...SIDES),
  anchor: fc.nat({ max: 59 }),
  isUnique: fc.boolean(),
  isAwaited: fc.boolean(),
})

const histories = fc.record<History>({
  weather: fc.nat(),
  tracks: fc.nat({ max: 12 }),
  clients: fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 4 }),
})

/** The same histories for the same seed. */
export function drawHistories(seed: number, count: number): History[] {
  return fc.sample(histories, { seed, numRuns: count })
}
