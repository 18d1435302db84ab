import type { SqlExecutor } from '#shared/database.ts'
import { AppError } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import { isPlainText } from '#shared/text.ts'
import { OFFLINE, REPORT_LIMITS, TRANSACTION } from '../config.ts'
import { eventReported, playCounted, playUncounted } from '../events.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { playsCounted } from '../metrics.ts'
import { type EventKind, heardMs, inOrder, type PlayerEvent } from './listening.ts'
import { type OfflineReport, openOfflinePlays } from './offline-plays.ts'
import { isCounted, type PlayCredit, writePlays } from './play-log.ts'
import type { PlayPartitions } from './play-partitions.ts'
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

export function createReportService(
  db: PrismaClient,
  partitions: PlayPartitions,
  now: () => number,
): ReportService {
  async function take(
    userId: string,
    receivedAt: number,
    timeliness: Timeliness,
    findEvents: (tx: SqlExecutor) => Promise<readonly ReportedEvent[]>,
  ): Promise<Report> {
    const { report, changes } = await db.$transaction(async (tx) => {
      const events = await findEvents(tx)
      const ids = [...new Set(events.map(({ playbackId }) => playbackId).filter(isPlaybackId))]
      const playbacks = await lockPlaybacks(tx, userId, ids)
      const known = await readEvents(tx, [...playbacks.keys()])
      const { fresh, ...report } = sort(events, playbacks, known, receivedAt, timeliness)
      const reported = new Set(fresh.map(({ playbackId }) => playbackId))
      const touched = [...playbacks.values()].flatMap((playback) => {
        const events = known.get(playback.id) ?? []
        if (events.length === 0) return []
        const progress = progressOf(playback, events, receivedAt)
        // A repeat tells one thing: that more time has passed than when we last looked.
        return reported.has(playback.id) || progress.heardMs !== playback.heardMs
          ? [{ playback, events, progress }]
          : []
      })
      if (touched.length === 0) return { report, changes: [] }

      const progress = touched.map(({ progress }) => progress)
      await partitions.ensure(touched.map(({ playback }) => playback.startedAt))
      await writeEvents(tx, fresh, receivedAt)
      await writeProgress(tx, progress, receivedAt)
      const credits = await writePlays(tx, progress)
      await writeResumePoints(
        tx,
        userId,
        touched.flatMap(({ playback, events, progress }) =>
          resumePointOf(playback, events, progress, receivedAt),
        ),
      )
      const changes = touched.filter(
        ({ playback, progress }) => progress.isCounted !== (playback.countedAt !== null),
      )
      await addPlays(tx, netOf(changes))
      await publish(tx, [
        ...fresh.map((event) =>
          eventReported(userId, playbacks.get(event.playbackId) as OpenPlayback, event, receivedAt),
        ),
        ...changes.map(({ playback, progress }) => {
          const { id, playableId, deviceId, country, tier, startedAt } = playback
          const decided = { playbackId: id, userId, playableId, deviceId, country, tier, startedAt }
          const play = { ...decided, ...(credits.get(id) as PlayCredit), at: new Date(receivedAt) }
          return progress.isCounted ? playCounted(play) : playUncounted(play)
        }),
      ])
      return { report, changes }
    }, TRANSACTION)
    playsCounted.inc(changes.filter(({ progress }) => progress.isCounted).length)
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

/**
 * Follows from the set of events and from how long ago we opened the playback: nobody has heard more of it than that, whatever their
 * clock and their positions say.
 */
function progressOf(playback: OpenPlayback, events: readonly PlayerEvent[], receivedAt: number): Progress {
  const passed = Math.max(0, receivedAt - playback.startedAt.getTime())
  const heard = Math.min(heardMs(events), passed)
  const last = inOrder(events).at(-1) as PlayerEvent
  const counts = isCounted(playback.presentation, heard)
  return {
    id: playback.id,
    lastKind: last.kind,
    positionMs: last.positionMs,
    heardMs: heard,
    isCounted: counts,
    countedAt: counts ? (playback.countedAt ?? new Date(receivedAt)) : null,
  }
}

/** By how much the plays of each recording become more, or less. */
function netOf(changes: readonly { playback: OpenPlayback; progress: Progress }[]): Map<string, number> {
  const net = new Map<string, number>()
  for (const { playback, progress } of changes)
    net.set(playback.playableId, (net.get(playback.playableId) ?? 0) + (progress.isCounted ? 1 : -1))
  return net
}
