import type { SqlDatabase } from '#shared/database.ts'
import { AppError } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { OFFLINE } from '../config.ts'
import { ownsDevice } from './devices.ts'
import { type Licences, type OfflineLicence, readTerms } from './offline-licence.ts'
import type { OfflineUrls } from './offline-url.ts'
import { readListener } from './playability.ts'
import type { Quality } from './quality.ts'

export type OfflineState = 'QUEUED' | 'PACKAGING' | 'READY' | 'FAILED'

/** `OfflineTask` of the schema. */
export interface OfflineTask {
  action: 'STORE' | 'DELETE'
  track: { id: string }
  quality: Quality | null
  state: OfflineState
  bytes: number | null
  url: string | null
  keyId: string | null
}

/** `OfflineDelta` of the schema. */
export interface DeviceDelta {
  /** Up to where this answer reaches. */
  revision: number
  hasMore: boolean
  usedTracks: number
  quotaTracks: number
  tasks: OfflineTask[]
  licence: OfflineLicence | null
}

interface TaskRow {
  trackId: string
  quality: Quality
  revision: number
  isGone: boolean
  state: OfflineState
  path: string | null
  bytes: number | null
}

/** What a device must store or delete since it last asked; null for what is no device of one's own. */
export type OfflineDeltas = (
  identity: Identity,
  asked: { deviceId: string; sinceRevision: number },
) => Promise<DeviceDelta | null>

export function createOfflineDeltas(tools: {
  db: SqlDatabase
  licences: Licences
  urls: OfflineUrls
  now(): number
}): OfflineDeltas {
  const { db, licences, urls, now } = tools

  return async (identity, { deviceId, sinceRevision }) => {
    const user = requireUser(identity)
    if (sinceRevision < 0) throw new AppError('BAD_USER_INPUT', 'sinceRevision is 0 or more')
    if (!(await ownsDevice(db, user, deviceId))) return null
    const device = { userId: user.userId, deviceId }
    // The device first: whatever is said of its tracks is at least as new as the revision it is said under.
    const [head] = await db.$queryRaw<{ revision: number; used: number }[]>`
      SELECT revision, used FROM offline_device WHERE user_id = ${user.userId} AND device_id = ${deviceId}`
    const { revision, used } = head ?? { revision: 0, used: 0 }
    if (sinceRevision > revision)
      throw new AppError('BAD_USER_INPUT', 'This device never came so far: begin again with 0')
    const rows = await readTasks(db, user.userId, deviceId, sinceRevision, revision)
    const [{ tier }, terms] = await Promise.all([readListener(db, identity), readTerms(db, device)])
    const told = rows.slice(0, OFFLINE.tasks)
    const hasMore = rows.length > told.length

    const toTask = ({ trackId, quality, isGone, state, path, bytes }: TaskRow): OfflineTask => {
      const isThere = !isGone && state === 'READY' && path !== null && terms !== null
      return {
        action: isGone ? 'DELETE' : 'STORE',
        track: { id: trackId },
        quality: isGone ? null : quality,
        state: isGone ? 'READY' : state,
        bytes: isThere ? bytes : null,
        url: isThere && tier === 'PREMIUM' ? urls.sign({ ...device, trackId, path }, now()) : null,
        keyId: isThere ? terms.keyId : null,
      }
    }
    return {
      revision: hasMore ? (told.at(-1) as TaskRow).revision : revision,
      hasMore,
      usedTracks: used,
      quotaTracks: OFFLINE.tracks,
      tasks: told.map(toTask),
      licence: terms === null ? null : await licences.sign(terms),
    }
  }
}

/** What was taken down is to be deleted whenever it is asked about: nothing of the device has changed by that. */
function readTasks(
  db: SqlDatabase,
  userId: string,
  deviceId: string,
  since: number,
  upTo: number,
): PromiseLike<TaskRow[]> {
  return db.$queryRaw<TaskRow[]>`
    SELECT held.track_id AS "trackId", held.quality, held.revision, held.state, path, bytes::float8 AS bytes,
           held.is_removed OR coalesce(playable.is_removed, false) AS "isGone"
      FROM offline_track held LEFT JOIN playable ON playable.id = held.track_id
     WHERE user_id = ${userId} AND device_id = ${deviceId} AND held.revision > ${since} AND held.revision <= ${upTo}
       AND NOT (${since} = 0 AND held.is_removed)
     ORDER BY held.revision LIMIT ${OFFLINE.tasks + 1}`
}
