import type { SqlExecutor } from '#shared/database.ts'
import { payload, Refusal, type UserError } from '#shared/errors.ts'
import { newId, nodeTypeOf } from '#shared/id.ts'
import { type Identity, requireUser, type SignedIn } from '#shared/identity.ts'
import { OFFLINE } from '../config.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { readContents, readVisible, type Viewer } from './contents.ts'
import { ownsDevice } from './devices.ts'
import { dropUnwanted, hold, type OfflineDevice } from './offline-holdings.ts'
import type { Licences, OfflineLicence } from './offline-licence.ts'
import { lockAccounts, lockSources, requirePremium } from './offline-lock.ts'
import { estimateBytes } from './offline-size.ts'
import type { Quality } from './quality.ts'
import type { Turns } from './turns.ts'

export interface OfflineSelection {
  deviceId: string
  ids: readonly string[]
}

type Answer<Filled> = { [Field in keyof Filled]: Filled[Field] | null } & { userErrors: UserError[] }

/** What devices hold to be heard without a network. PREMIUM; at most 5 devices of an account and 10,000 tracks each, exactly. */
export interface OfflineService {
  add(
    identity: Identity,
    input: OfflineSelection & { quality: Quality },
  ): Promise<Answer<{ revision: number; added: number; tooMany: number; estimatedBytes: number }>>
  remove(identity: Identity, input: OfflineSelection): Promise<Answer<{ revision: number; removed: number }>>
  renew(
    identity: Identity,
    input: { deviceId: string; token?: string | null },
  ): Promise<Answer<{ licence: OfflineLicence }>>
}

export interface OfflineTools {
  db: PrismaClient
  licences: Licences
  turns: Turns
  now(): number
  /** There is something to be packaged. */
  onQueued(): void
}

const MAX_IDS = 500
/** Those who wait for the same account wait in this process first, and hold no connection while they do. */
const PATIENCE = { maxWait: 10_000, timeout: 20_000 } as const

export function createOfflineService({ db, licences, turns, now, onQueued }: OfflineTools): OfflineService {
  const held = <Result>(
    user: SignedIn,
    sources: readonly string[],
    work: (tx: SqlExecutor) => Promise<Result>,
  ): Promise<Result> =>
    turns.take(user.userId, () =>
      db.$transaction(async (tx) => {
        await lockSources(tx, sources)
        await lockAccounts(tx, [user.userId])
        return work(tx)
      }, PATIENCE),
    )

  return {
    async add(identity, { deviceId, ids, quality }) {
      const user = requireUser(identity)
      return payload({ revision: null, added: null, tooMany: null, estimatedBytes: null }, async () => {
        const sourceIds = readIds(ids)
        const answer = await held(user, sourceIds.filter(isFollowed), async (tx) => {
          const { country } = await requirePremium(tx, user)
          await requireDevice(tx, user, deviceId)
          const device = { userId: user.userId, deviceId }
          const trackIds = await readTracks(tx, { userId: user.userId, country }, sourceIds)
          await admitDevice(tx, device, new Date(now()))
          const { added, tooMany } = await hold(tx, device, trackIds, quality, new Date(now()))
          if (tooMany > 0 && added === 0)
            throw new Refusal('LIMIT_REACHED', `A device holds at most ${OFFLINE.tracks} tracks`, ['ids'])
          await writeSources(tx, device, sourceIds, quality)
          const estimatedBytes = await estimateBytes(tx, trackIds, quality)
          return { revision: await revisionOf(tx, device), added, tooMany, estimatedBytes }
        })
        onQueued()
        return answer
      })
    },

    async remove(identity, { deviceId, ids }) {
      const user = requireUser(identity)
      return payload({ revision: null, removed: null }, async () => {
        const sourceIds = readIds(ids)
        return held(user, [], async (tx) => {
          await requireDevice(tx, user, deviceId)
          const device = { userId: user.userId, deviceId }
          await tx.$executeRaw`
            DELETE FROM offline_source
             WHERE user_id = ${user.userId} AND device_id = ${deviceId} AND source_id = ANY (${sourceIds}::text[])`
          const removed = await dropUnwanted(tx, device)
          return { revision: await revisionOf(tx, device), removed }
        })
      })
    },

    async renew(identity, { deviceId, token }) {
      const user = requireUser(identity)
      return payload({ licence: null }, async () => {
        const terms = await held(user, [], async (tx) => {
          await requirePremium(tx, user)
          await requireDevice(tx, user, deviceId)
          return licences.renew(tx, { userId: user.userId, deviceId }, token ?? null, now())
        })
        return { licence: await licences.signWithKeys(terms) }
      })
    },
  }
}

function isFollowed(id: string): boolean {
  return !id.startsWith('track_')
}

function readIds(ids: readonly string[]): string[] {
  if (ids.length < 1 || ids.length > MAX_IDS)
    throw new Refusal('BAD_USER_INPUT', `From 1 to ${MAX_IDS} ids`, ['ids'])
  const wrong = ids.findIndex((id) => !['Track', 'Album', 'Playlist'].includes(nodeTypeOf(id) ?? ''))
  if (wrong >= 0)
    throw new Refusal('NOT_FOUND', 'This is no track, album or playlist', ['ids', String(wrong)])
  return [...new Set(ids)]
}

async function requireDevice(tx: SqlExecutor, user: SignedIn, deviceId: string): Promise<void> {
  if (!(await ownsDevice(tx, user, deviceId)))
    throw new Refusal('NOT_FOUND', 'There is no such device of yours', ['deviceId'])
}

/** What is in each, once; one in which there is nothing for this user is NOT_FOUND, unless it is an empty playlist. */
async function readTracks(tx: SqlExecutor, viewer: Viewer, sourceIds: readonly string[]): Promise<string[]> {
  const contents = await readContents(tx, viewer, sourceIds)
  const there = new Set(contents.map(({ sourceId }) => sourceId))
  if (!sourceIds.every((id) => there.has(id)))
    for (const id of await readVisible(tx, viewer, sourceIds)) there.add(id)
  const missing = sourceIds.findIndex((id) => !there.has(id))
  if (missing >= 0) throw new Refusal('NOT_FOUND', 'There is nothing here to keep', ['ids', String(missing)])
  return [...new Set(contents.map(({ playableId }) => playableId))]
}

/** A device that holds nothing yet takes one of the places, with its first licence; those of removed devices are free. */
async function admitDevice(tx: SqlExecutor, { userId, deviceId }: OfflineDevice, now: Date): Promise<void> {
  const [others] = await tx.$queryRaw<{ count: number }[]>`
    SELECT count(DISTINCT source.device_id)::int AS count
      FROM offline_source source
      LEFT JOIN device ON device.user_id = source.user_id AND device.device_id = source.device_id
     WHERE source.user_id = ${userId} AND source.device_id <> ${deviceId} AND device.is_removed IS NOT TRUE`
  if ((others?.count ?? 0) >= OFFLINE.devices)
    throw new Refusal('LIMIT_REACHED', `At most ${OFFLINE.devices} devices hold music offline`, ['deviceId'])
  await tx.$executeRaw`
    INSERT INTO offline_device (user_id, device_id, key_id, licensed_at)
    VALUES (${userId}, ${deviceId}, ${newId('offline')}, ${now})
    ON CONFLICT DO NOTHING`
}

async function writeSources(
  tx: SqlExecutor,
  { userId, deviceId }: OfflineDevice,
  sourceIds: readonly string[],
  quality: Quality,
): Promise<void> {
  // A single track that did not fit is not waited for: only what is held, and lists, which are followed as far as they fit.
  await tx.$executeRaw`
    INSERT INTO offline_source (user_id, device_id, source_id, quality)
    SELECT ${userId}, ${deviceId}, id, ${quality} FROM unnest(${sourceIds}::text[]) AS id
     WHERE NOT starts_with(id, 'track_')
        OR EXISTS (SELECT FROM offline_track WHERE user_id = ${userId} AND device_id = ${deviceId} AND track_id = id AND NOT is_removed)
    ON CONFLICT (user_id, device_id, source_id) DO UPDATE SET quality = excluded.quality`
}

async function revisionOf(tx: SqlExecutor, { userId, deviceId }: OfflineDevice): Promise<number> {
  const [device] = await tx.$queryRaw<{ revision: number }[]>`
    SELECT revision FROM offline_device WHERE user_id = ${userId} AND device_id = ${deviceId}`
  return device?.revision ?? 0
}
