import type { SqlExecutor } from '#shared/database.ts'
import { AppError } from '#shared/errors.ts'
import { derivedId } from '#shared/id.ts'
import type { SignedIn } from '#shared/identity.ts'
import { EVENTS_KEPT_MS } from '../config.ts'
import { ownsDevice } from './devices.ts'
import type { ReportedEvent } from './event-check.ts'
import type { EventKind } from './listening.ts'

/** `OfflineReportInput` of the schema: times as the device's clock had them. */
export interface OfflineReport {
  deviceId: string
  /** What the device's clock says as this is sent. */
  sentAt: string
  plays: readonly OfflinePlay[]
}

interface OfflinePlay {
  playId: string
  trackId: string
  events: readonly { eventId: string; kind: EventKind; positionMs: number; at: string }[]
}

/**
 * Makes a playback of each play that is new, and of its events what an online player would have reported, by our clock: what the device's
 * is off by now, it is taken to have been off by then. A play of what the device never held stays unknown. One that was told of days ago
 * is over: its events are forgotten, and would seem new.
 */
export async function openOfflinePlays(
  tx: SqlExecutor,
  user: SignedIn,
  { deviceId, sentAt, plays }: OfflineReport,
  receivedAt: number,
  oldest: number,
): Promise<ReportedEvent[]> {
  if (!(await ownsDevice(tx, user, deviceId)))
    throw new AppError('NOT_FOUND', 'There is no such device of yours')
  const isOff = receivedAt - Date.parse(sentAt)
  const told = plays.map(({ playId, trackId, events }) => ({
    id: derivedId('playback', `${user.userId} ${deviceId} ${playId}`),
    trackId,
    events: events.map((event) => ({ ...event, at: Date.parse(event.at) + isOff })),
  }))
  const begun = told.flatMap(({ id, trackId, events }) => {
    const times = events.map(({ at }) => at).filter((at) => at >= oldest && at <= receivedAt)
    return times.length === 0 ? [] : [{ id, trackId, startedAt: new Date(Math.min(...times)) }]
  })
  await tx.$executeRaw`
    INSERT INTO playback_session
      (id, user_id, device_id, playable_id, asset_id, country, quality, duration_ms, started_at, expires_at, tier)
    SELECT DISTINCT ON (play.id) play.id, ${user.userId}, ${deviceId}, playable.id, 'offline',
           coalesce(account.country, 'ZZ'), held.quality, playable.duration_ms, play."startedAt", ${new Date(receivedAt)}, 'PREMIUM'
      FROM jsonb_to_recordset(${JSON.stringify(begun)}::text::jsonb) AS play (id text, "trackId" text, "startedAt" timestamptz)
      JOIN offline_track held ON held.user_id = ${user.userId} AND held.device_id = ${deviceId} AND held.track_id = play."trackId"
      JOIN playable ON playable.id = held.track_id
      LEFT JOIN account ON account.user_id = ${user.userId}
    ON CONFLICT (id) DO NOTHING`
  const over = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM playback_session
     WHERE id = ANY (${told.map(({ id }) => id)}::text[]) AND reported_at < ${new Date(receivedAt - EVENTS_KEPT_MS)}`
  const isOver = new Set(over.map(({ id }) => id))
  return told
    .filter(({ id }) => !isOver.has(id))
    .flatMap(({ id, events }) =>
      events.map((event) => ({ ...event, playbackId: id, at: new Date(event.at).toISOString() })),
    )
}
