import type { SqlExecutor } from '#shared/database.ts'
import { AppError } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import { isPlainText } from '#shared/text.ts'
import { COUNTED_AFTER_MS, OFFLINE, REPORT_LIMITS, TRANSACTION } from '../config.ts'
import { eventReported, playCounted } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { playsCounted } from '../metrics.ts'
import { type EventKind, heardMs, inOrder, type PlayerEvent } from './listening.ts'
import { type OfflineReport, openOfflinePlays } from './offline-plays.ts'
import {
  addPlays,
  lockPlaybacks,
  type OpenPlayback,
  type PlaybackEvent,
  type Progress,
  readEvents,
  writeEvents,
  writeProgress,
} from './playback-log.ts'
import { isPlaybackId } from './playback-sessions.ts'
import { resumePointOf, writeResumePoints } from './resume-points.ts'

export interface ReportedEvent {
  eventId: string
  playbackId: string
  kind: EventKind
  positionMs: number
  /** ISO 8601. */
  at: string
}

type Fault = 'NOT_FOUND' | 'BAD_USER_INPUT'

export interface Report {
  accepted: number
  rejected: { eventId: string; code: Fault }[]
}

/** Takes what players say they did. Accepted is on disk, in the transaction that answers; a repeat is accepted and changes nothing. */
export interface ReportService {
  report(identity: Identity, events: readonly ReportedEvent[]): Promise<Report>
  /** What a device played by itself, however long ago: its clock is corrected by what it says the time is now. */
  reportOffline(identity: Identity, input: OfflineReport): Promise<Report>
}

/** How far from now an event may be, in milliseconds: players' clocks are nearly right, offline events corrected already. */
interface Timeliness {
  past: number
  future: number
}

const ONLINE: Timeliness = { past: REPORT_LIMITS.clockMs, future: REPORT_LIMITS.clockMs }
const OFFLINE_EVENTS: Timeliness = { past: OFFLINE.licenceMs + REPORT_LIMITS.clockMs, future: 1_000 }

const MAX_EVENT_ID = 128

export function createReportService(db: PrismaClient, now: () => number): ReportService {
  async function take(
    userId: string,
    receivedAt: number,
    timeliness: Timeliness,
    findEvents: (tx: SqlExecutor) => Promise<readonly ReportedEvent[]>,
  ): Promise<Report> {
    const { report, counted } = await db.$transaction(async (tx) => {
      const events = await findEvents(tx)
      const ids = [...new Set(events.map(({ playbackId }) => playbackId).filter(isPlaybackId))]
      const playbacks = await lockPlaybacks(tx, userId, ids)
      const known = await readEvents(tx, [...playbacks.keys()])
      const { fresh, ...report } = sort(events, playbacks, known, receivedAt, timeliness)
      if (fresh.length === 0) return { report, counted: [] }

      const touched = [...new Set(fresh.map(({ playbackId }) => playbackId))].map(
        (id) => playbacks.get(id) as OpenPlayback,
      )
      const progress = touched.map((playback) =>
        progressOf(playback, known.get(playback.id) ?? [], receivedAt),
      )
      const counted = touched.filter(
        (playback, index) => playback.countedAt === null && progress[index]?.countedAt != null,
      )
      await writeEvents(tx, fresh, receivedAt)
      await writeProgress(tx, progress, receivedAt)
      await writeResumePoints(
        tx,
        userId,
        touched.flatMap((playback, index) =>
          resumePointOf(playback, known.get(playback.id) ?? [], progress[index] as Progress, receivedAt),
        ),
      )
      await addPlays(
        tx,
        counted.map(({ playableId }) => playableId),
      )
      await publish(tx, [
        ...fresh.map((event) =>
          eventReported(userId, playbacks.get(event.playbackId) as OpenPlayback, event, receivedAt),
        ),
        ...counted.map((playback) => playCounted(userId, playback, receivedAt)),
      ])
      return { report, counted }
    }, TRANSACTION)
    playsCounted.inc(counted.length)
    return report
  }

  return {
    async report(identity, events) {
      const { userId } = requireUser(identity)
      checkSize(events.length)
      return take(userId, now(), ONLINE, async () => events)
    },
    async reportOffline(identity, input) {
      const user = requireUser(identity)
      checkSize(input.plays.reduce((sum, { events }) => sum + events.length, 0))
      const receivedAt = now()
      return take(user.userId, receivedAt, OFFLINE_EVENTS, (tx) =>
        openOfflinePlays(tx, user, input, receivedAt, receivedAt - OFFLINE_EVENTS.past),
      )
    },
  }
}

function checkSize(events: number): void {
  if (events > REPORT_LIMITS.events)
    throw new AppError('BAD_USER_INPUT', `A report holds at most ${REPORT_LIMITS.events} events`)
}

/** Parts good events from bad ones, and new ones from repeats. New ones are added to `known`. */
function sort(
  events: readonly ReportedEvent[],
  playbacks: ReadonlyMap<string, OpenPlayback>,
  known: ReadonlyMap<string, PlayerEvent[]>,
  receivedAt: number,
  timeliness: Timeliness,
): Report & { fresh: PlaybackEvent[] } {
  const seen = new Map([...known].map(([id, list]) => [id, new Set(list.map(({ eventId }) => eventId))]))
  const rejected: Report['rejected'] = []
  const fresh: PlaybackEvent[] = []
  for (const { at, ...event } of events) {
    const { eventId, playbackId } = event
    const ids = seen.get(playbackId)
    const taken = { ...event, at: Date.parse(at) }
    const fault = faultOf(taken, playbacks.get(playbackId), receivedAt, timeliness)
    const isFull = ids !== undefined && !ids.has(eventId) && ids.size >= REPORT_LIMITS.eventsOfPlayback
    if (fault !== null || isFull) {
      rejected.push({ eventId, code: fault ?? 'BAD_USER_INPUT' })
    } else if (ids?.has(eventId) === false) {
      ids.add(eventId)
      known.get(playbackId)?.push(taken)
      fresh.push(taken)
    }
  }
  return { accepted: events.length - rejected.length, rejected, fresh }
}

function faultOf(
  event: PlaybackEvent,
  playback: OpenPlayback | undefined,
  receivedAt: number,
  { past, future }: Timeliness,
): Fault | null {
  if (playback === undefined) return 'NOT_FOUND'
  const { eventId, positionMs, at } = event
  const isHeld = eventId !== '' && eventId.length <= MAX_EVENT_ID && isPlainText(eventId)
  const isWithin = positionMs >= 0 && positionMs <= playback.durationMs + REPORT_LIMITS.pastEndMs
  const isTimely = at >= receivedAt - past && at <= receivedAt + future
  return isHeld && isWithin && isTimely ? null : 'BAD_USER_INPUT'
}

/** Nobody has heard more of a playback than the time since we opened it, whatever their clock and their positions say. */
function progressOf(playback: OpenPlayback, events: readonly PlayerEvent[], receivedAt: number): Progress {
  const passed = Math.max(0, receivedAt - playback.startedAt.getTime())
  // Events are forgotten after some days, what was heard is not.
  const heard = Math.max(playback.heardMs, Math.min(heardMs(events), passed))
  const last = inOrder(events).at(-1) as PlayerEvent
  // A preview is never a play, however often it is heard over.
  const isWhole = playback.presentation === 'FULL'
  const isCounted = isWhole && playback.countedAt === null && heard >= COUNTED_AFTER_MS
  return {
    id: playback.id,
    lastKind: last.kind,
    positionMs: last.positionMs,
    heardMs: heard,
    countedAt: isCounted ? new Date(receivedAt) : playback.countedAt,
  }
}
