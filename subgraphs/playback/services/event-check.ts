import { isPlainText } from '#shared/text.ts'
import { EVENTS_KEPT_MS, REPORT_LIMITS } from '../config.ts'
import type { EventKind, PlayerEvent } from './listening.ts'
import type { OpenPlayback } from './playback-log.ts'

/** An event as a player reports it. */
export interface ReportedEvent {
  eventId: string
  playbackId: string
  kind: EventKind
  positionMs: number
  /** ISO 8601. */
  at: string
}

export type Fault = 'NOT_FOUND' | 'BAD_USER_INPUT'

/** How far from now an event may be, in milliseconds: players' clocks are nearly right, offline events corrected already. */
export interface Timeliness {
  past: number
  future: number
}

const MAX_EVENT_ID = 128

/** What is wrong with an event of this playback, or null. */
export function faultOf(
  event: PlayerEvent,
  playback: OpenPlayback | undefined,
  receivedAt: number,
  { past, future }: Timeliness,
): Fault | null {
  if (playback === undefined) return 'NOT_FOUND'
  const { eventId, positionMs, at } = event
  const isHeld = eventId !== '' && eventId.length <= MAX_EVENT_ID && isPlainText(eventId)
  const isWithin = positionMs >= 0 && positionMs <= playback.durationMs + REPORT_LIMITS.pastEndMs
  const isTimely = at >= receivedAt - past && at <= receivedAt + future
  return isHeld && isWithin && isTimely && !isOver(playback, receivedAt) ? null : 'BAD_USER_INPUT'
}

/** Nothing was heard of it for so long that its events are forgotten: a repeat would seem new, and what they said be lost. */
function isOver({ reportedAt, expiresAt }: OpenPlayback, receivedAt: number): boolean {
  return (reportedAt ?? expiresAt).getTime() < receivedAt - EVENTS_KEPT_MS
}
