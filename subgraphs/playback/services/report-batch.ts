import type { SqlExecutor } from '#shared/database.ts'
import { publish } from '#shared/outbox.ts'
import { REPORT_LIMITS } from '../config.ts'
import { eventsReported, playCounted, playUncounted } from '../events.ts'
import { type Fault, faultOf, type ReportedEvent, type Timeliness } from './event-check.ts'
import { heardMs, inOrder, type PlayerEvent } from './listening.ts'
import { addPlays, isCounted, writePlays } from './play-log.ts'
import type { PlayPartitions } from './play-partitions.ts'
import {
  type KnownPlayback,
  lockPlaybacks,
  type OpenPlayback,
  type Progress,
  readKnown,
  writeProgress,
  writeReports,
} from './playback-log.ts'
import { resumePointOf, writeResumePoints } from './resume-points.ts'

/** What somebody reported at once. */
export interface ReportOf {
  userId: string
  events: readonly ReportedEvent[]
  /** Milliseconds of our own clock. */
  receivedAt: number
  timeliness: Timeliness
}

export interface Report {
  accepted: number
  rejected: { eventId: string; code: Fault }[]
}

export interface TakenReports {
  /** In the order of what was asked. */
  reports: Report[]
  /** How many plays count that did not before. */
  counted: number
}

/** A playback as these reports find it, and what they add to it. */
interface Hearing {
  playback: OpenPlayback
  known: KnownPlayback
  ids: Set<string>
  fresh: PlayerEvent[]
  /** When anything of it was last accepted, new or not. */
  receivedAt: number
}

interface Change extends Hearing {
  progress: Progress
}

/** Takes reports in the caller's transaction: events, what follows from them, counts and news of both. */
export async function takeReports(
  tx: SqlExecutor,
  partitions: PlayPartitions,
  reports: readonly ReportOf[],
): Promise<TakenReports> {
  const playbacks = await lockPlaybacks(tx, reports)
  const known = await readKnown(tx, [...playbacks.values()])
  const hearings = new Map(
    [...playbacks].map(([id, playback]): [string, Hearing] => {
      const of = known.get(id) as KnownPlayback
      const ids = new Set(of.events.map(({ eventId }) => eventId))
      return [id, { playback, known: of, ids, fresh: [], receivedAt: 0 }]
    }),
  )
  const taken = reports.map((report) => sort(report, hearings))
  const changes = [...hearings.values()].flatMap(changeOf)
  const turned = changes.filter(
    ({ playback, progress }) => progress.isCounted !== (playback.countedAt !== null),
  )
  if (changes.length > 0) {
    await partitions.ensure(changes.map(({ playback }) => playback.startedAt))
    await writeReports(tx, changes)
    await writeProgress(
      tx,
      changes.map(({ progress }) => progress),
    )
    await writePlays(tx, changes)
    await writeResumePoints(tx, changes.flatMap(resumePointsOf))
    await addPlays(tx, netOf(turned))
    await publish(tx, [...changes.flatMap(newsOf), ...turned.map(turnOf)])
  }
  return { reports: taken, counted: turned.filter(({ progress }) => progress.isCounted).length }
}

/** Parts good events from bad ones, and new ones from repeats. */
function sort({ userId, events, receivedAt, timeliness }: ReportOf, hearings: Map<string, Hearing>): Report {
  const rejected: Report['rejected'] = []
  for (const { playbackId, at, ...rest } of events) {
    const event: PlayerEvent = { ...rest, at: Date.parse(at) }
    const found = hearings.get(playbackId)
    const hearing = found?.playback.userId === userId ? found : undefined
    const isNew = hearing?.ids.has(event.eventId) === false
    const fault =
      faultOf(event, hearing?.playback, receivedAt, timeliness) ??
      (isNew && hearing.ids.size >= REPORT_LIMITS.eventsOfPlayback ? 'BAD_USER_INPUT' : null)
    if (fault !== null) rejected.push({ eventId: event.eventId, code: fault })
    else if (hearing !== undefined) {
      hearing.receivedAt = Math.max(hearing.receivedAt, receivedAt)
      if (isNew) {
        hearing.ids.add(event.eventId)
        hearing.fresh.push(event)
      }
    }
  }
  return { accepted: events.length - rejected.length, rejected }
}

/** What becomes of a playback. A repeat tells one thing: that more time has passed than when we last looked. */
function changeOf(hearing: Hearing): Change[] {
  if (hearing.receivedAt === 0) return []
  const progress = progressOf(hearing)
  return hearing.fresh.length > 0 || progress.heardMs !== hearing.playback.heardMs
    ? [{ ...hearing, progress }]
    : []
}

/**
 * Follows from the set of events and from how long ago we opened the playback: nobody has heard more of it than that, whatever their
 * clock and their positions say.
 */
function progressOf({ playback, known, fresh, receivedAt }: Hearing): Progress {
  const events = inOrder([...known.events, ...fresh])
  const passed = Math.max(0, receivedAt - playback.startedAt.getTime())
  const heard = Math.min(heardMs(events), passed)
  const last = events.at(-1) as PlayerEvent
  const counts = isCounted(playback.presentation, heard)
  return {
    id: playback.id,
    lastKind: last.kind,
    positionMs: last.positionMs,
    heardMs: heard,
    isCounted: counts,
    countedAt: counts ? (playback.countedAt ?? new Date(receivedAt)) : null,
    reportedAt: new Date(receivedAt),
  }
}

function resumePointsOf({ playback, known, fresh, progress, receivedAt }: Change) {
  return resumePointOf(playback, [...known.events, ...fresh], progress, receivedAt)
}

function newsOf({ playback, fresh, receivedAt }: Change) {
  return fresh.length === 0 ? [] : [eventsReported(playback, fresh, receivedAt)]
}

function turnOf({ playback, known, progress, receivedAt }: Change) {
  const { id, userId, playableId, deviceId, country, tier, startedAt } = playback
  const { albumId, artistIds, deviceKind } = known
  const decided = { playbackId: id, userId, playableId, deviceId, country, tier, startedAt }
  const play = { ...decided, albumId, artistIds, deviceKind, at: new Date(receivedAt) }
  return progress.isCounted ? playCounted(play) : playUncounted(play)
}

/** By how much the plays of each recording become more, or less. */
function netOf(turned: readonly Change[]): Map<string, number> {
  const net = new Map<string, number>()
  for (const { playback, progress } of turned)
    net.set(playback.playableId, (net.get(playback.playableId) ?? 0) + (progress.isCounted ? 1 : -1))
  return net
}
