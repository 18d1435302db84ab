import { Refusal } from '#shared/errors.ts'
import { isIdOf, newId } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { type OutboxEvent, publish } from '#shared/outbox.ts'
import { deviceChanged } from '../events.ts'
import type { DeviceKind, Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { AccountRow, DeviceRow } from '../models.ts'
import { changeAccount, lockAccount, TRANSACTION } from './account-lock.ts'
import { readName } from './names.ts'
import { endSessions } from './session-end.ts'

export const MAX_DEVICES = 50
const LONGEST_KEY = 2_000

/** A device as the client describes it; `id` signs the same one in again. */
export interface DeviceDescription {
  id?: string | null | undefined
  name: string
  kind: DeviceKind
  publicKey?: string | null | undefined
}

export interface DeviceService {
  /** The devices of these users, the last seen first. */
  ofUsers(userIds: readonly string[]): Promise<DeviceRow[]>
  /** Those of `ids` that are this user's. */
  ofUser(userId: string, ids: readonly string[]): Promise<DeviceRow[]>
  /** In the transaction that signs someone in: their device, known or new, and what to publish. `account` is as changed. */
  admit(
    tx: Prisma.TransactionClient,
    account: AccountRow,
    device: DeviceDescription,
  ): Promise<{ deviceId: string; events: OutboxEvent[] }>
  /** Removes one of one's own devices and ends its sessions; NOT_FOUND for any other. Returns its id. */
  remove(identity: Identity, deviceId: string): Promise<string>
}

/** What a client says of its device, checked before any work is done for it. */
export function readDevice(device: DeviceDescription): DeviceDescription {
  const name = readName(device.name, 'The name of a device', ['device', 'name'])
  const isKeyGood = device.publicKey == null || isPublicKey(device.publicKey)
  if (!isKeyGood)
    throw new Refusal(
      'BAD_USER_INPUT',
      `A public key is printable text of at most ${LONGEST_KEY} characters`,
      ['device', 'publicKey'],
    )
  return { ...device, name }
}

const isPublicKey = (key: string): boolean => key.length <= LONGEST_KEY && /^[\x20-\x7e\r\n\t]+$/.test(key)

export function createDeviceService(db: PrismaClient): DeviceService {
  return {
    ofUsers: (userIds) => readDevices(db, userIds, null),
    ofUser: (userId, ids) => readDevices(db, [userId], ids),

    async admit(tx, account, device) {
      const { id: userId, version } = account
      const { name, kind } = device
      const publicKey = device.publicKey ?? null
      // Somebody else's id, or one that was removed, is simply not known here: the device gets an id of its own.
      const known =
        device.id == null || !isIdOf('device', device.id)
          ? []
          : await tx.$queryRaw<{ id: string; publicKey: string | null }[]>`
              UPDATE device SET name = ${name}, kind = ${kind}::device_kind, last_seen_at = clock_timestamp(),
                     public_key = coalesce(${publicKey}, public_key)
               WHERE id = ${device.id} AND user_id = ${userId} RETURNING id, public_key AS "publicKey"`
      const deviceId = known[0]?.id ?? newId('device')
      const removed = known[0] === undefined ? await makeRoom(tx, account) : []
      if (known[0] === undefined)
        await tx.device.create({ data: { id: deviceId, userId, name, kind, publicKey } })
      const said = { deviceId, userId, name, kind, publicKey: known[0]?.publicKey ?? publicKey }
      const changed = deviceChanged({ ...said, isRemoved: false, version })
      return { deviceId, events: [...removed, changed] }
    },

    async remove(identity, deviceId) {
      const { userId } = requireUser(identity)
      await db.$transaction(async (tx) => {
        const account = await lockAccount(tx, userId)
        const isOwn =
          isIdOf('device', deviceId) && (await tx.device.count({ where: { id: deviceId, userId } })) > 0
        if (account === null || !isOwn) throw new Refusal('NOT_FOUND', 'You have no such device', ['id'])
        await publish(tx, await removeDevice(tx, await changeAccount(tx, userId), deviceId))
      }, TRANSACTION)
      return deviceId
    },
  }
}

/**
 * Keeps a user within MAX_DEVICES: the device unseen for longest goes, one without a living session before any other.
 * Refusing instead would lock out whoever clears their browser often enough, with no way in to remove anything.
 */
async function makeRoom(tx: Prisma.TransactionClient, account: AccountRow): Promise<OutboxEvent[]> {
  const surplus = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM (
      SELECT id, row_number() OVER (ORDER BY EXISTS (
               SELECT FROM session WHERE device_id = device.id AND ended_at IS NULL AND expires_at > clock_timestamp()
             ) DESC, last_seen_at DESC, id DESC) AS place
        FROM device WHERE user_id = ${account.id}
    ) AS placed WHERE place >= ${MAX_DEVICES}`
  const events: OutboxEvent[] = []
  for (const { id } of surplus) events.push(...(await removeDevice(tx, account, id)))
  return events
}

async function removeDevice(
  tx: Prisma.TransactionClient,
  { id: userId, version }: AccountRow,
  deviceId: string,
): Promise<OutboxEvent[]> {
  const ended = await endSessions(tx, userId, { deviceId }, 'DEVICE_REMOVED')
  const { name, kind } = await tx.device.delete({ where: { id: deviceId } })
  return [
    deviceChanged({ deviceId, userId, name, kind, publicKey: null, isRemoved: true, version }),
    ...ended,
  ]
}

function readDevices(
  db: PrismaClient,
  userIds: readonly string[],
  ids: readonly string[] | null,
): Promise<DeviceRow[]> {
  return db.$queryRaw`
    SELECT id, user_id AS "userId", name, kind::text, last_seen_at AS "lastSeenAt",
           EXISTS (SELECT FROM session
                    WHERE device_id = device.id AND ended_at IS NULL AND expires_at > clock_timestamp()) AS "isActive"
      FROM device
     WHERE user_id = ANY (${userIds}::text[]) AND (${ids}::text[] IS NULL OR id = ANY (${ids}::text[]))
     ORDER BY last_seen_at DESC, id DESC`
}
