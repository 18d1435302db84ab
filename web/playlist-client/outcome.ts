import type { Track, WireItem } from './change.ts'
import type { Fault } from './fault.ts'

/** Why an edit was refused: the first of its `userErrors`, or the fault of its request. Nothing of it has happened. */
export interface Refusal {
  /**
   * ITEM_GONE, CONFLICT, DUPLICATE, LIMIT_REACHED, FORBIDDEN … as the schema lists them. Two are this client's own, and were not sent:
   * NEVER_ADDED, where it names items of an addition that came to nothing; CLOSED, where the list is not followed any more.
   */
  code: string
  message: string
}

export interface Skipped {
  trackId: string
  reason: 'DUPLICATE' | 'NOT_FOUND' | 'LIST_FULL'
}

/** What became of an edit. */
export type Outcome = Applied | { isApplied: false; refusal: Refusal }

export interface Applied {
  isApplied: true
  /** Its own, which `undo` takes; where there was nothing to do, the list's. */
  revision: number
  /** There was nothing (left) to do, or no track that was not skipped; or this is the second answer, the first having been lost. */
  alreadyApplied: boolean
  /** The item that named the place was removed meanwhile: the block stands where that stood. */
  anchorMoved: boolean
  skipped: readonly Skipped[]
}

/** The payload of a mutation, whichever it was of. */
export interface Payload<T extends Track = Track> {
  userErrors: readonly Refusal[]
  revision: number | null
  alreadyApplied?: boolean | null
  anchorMoved?: boolean | null
  items?: readonly WireItem<T>[]
  skipped?: readonly Skipped[]
}

export type Answer = { payload: Payload } | { fault: Fault }

export function outcomeOf(answer: Answer): Outcome {
  if ('fault' in answer) {
    const { code, message } = answer.fault
    return { isApplied: false, refusal: { code, message } }
  }
  const { userErrors, revision, alreadyApplied, anchorMoved, items, skipped } = answer.payload
  const [refusal] = userErrors
  if (refusal !== undefined) return { isApplied: false, refusal }
  return {
    isApplied: true,
    revision: revision ?? 0,
    alreadyApplied: alreadyApplied === true || items?.length === 0,
    anchorMoved: anchorMoved ?? false,
    skipped: skipped ?? [],
  }
}
