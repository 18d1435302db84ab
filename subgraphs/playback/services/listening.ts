export const EVENT_KINDS = [
  'START',
  'RESUME',
  'SEEK',
  'HEARTBEAT',
  'STALL',
  'PAUSE',
  'SKIP',
  'COMPLETE',
] as const
export type EventKind = (typeof EVENT_KINDS)[number]

export interface PlayerEvent {
  eventId: string
  kind: EventKind
  positionMs: number
  /** Milliseconds of the client's own clock: only differences count. */
  at: number
}

const STOPS: ReadonlySet<EventKind> = new Set(['STALL', 'PAUSE', 'SKIP', 'COMPLETE'])
const STARTS: ReadonlySet<EventKind> = new Set(['START', 'RESUME'])

/** A playback's events in the order they happened. Ties have an order too, so that the same set always reads the same. */
export function inOrder<Event extends PlayerEvent>(events: readonly Event[]): Event[] {
  return events.toSorted(
    (one, other) =>
      one.at - other.at ||
      one.positionMs - other.positionMs ||
      EVENT_KINDS.indexOf(one.kind) - EVENT_KINDS.indexOf(other.kind) ||
      (one.eventId < other.eventId ? -1 : 1),
  )
}

/**
 * Milliseconds heard between the first and the last event: what the position moved while playing, but no more than the time
 * that passed meanwhile, so neither a jump nor a faster rate makes more of a minute than a minute. A function of the set of
 * events alone: late, repeated and shuffled reports come to the same.
 */
export function heardMs(events: readonly PlayerEvent[]): number {
  let heard = 0
  let isPlaying = false
  let previous: PlayerEvent | null = null
  for (const event of inOrder(events)) {
    if (previous !== null && isPlaying) {
      const passed = event.at - previous.at
      // A seek names where it went, not where it came from: until then the music played.
      const moved = event.kind === 'SEEK' ? passed : event.positionMs - previous.positionMs
      heard += Math.min(passed, Math.max(0, moved))
    }
    // The first word we have of a playback may be a heartbeat, when its START was lost.
    if (STARTS.has(event.kind) || previous === null) isPlaying = true
    if (STOPS.has(event.kind)) isPlaying = false
    previous = event
  }
  return heard
}
