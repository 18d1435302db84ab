import { z } from 'zod'
import type { OutboxEvent } from '#shared/outbox.ts'
import type { DeviceKind } from './generated/prisma/client.ts'
import type { AccountRow } from './models.ts'

/** What this room reads of the catalogue's log. */
export const ARTIST_CHANGED = 'catalog.artist-changed.v1'
export const artistChanged = z.object({ artistId: z.string(), version: z.number().int() })

export const ACCOUNT_CHANGED = 'users.account-changed.v1'

/** Published, keyed by the user: the account as it is now. */
export function accountChanged(account: AccountRow): OutboxEvent {
  const { id: userId, displayName, tier, country, role, artists, version } = account
  return {
    topic: ACCOUNT_CHANGED,
    key: userId,
    payload: { userId, displayName, tier, country, role, artists, version },
  }
}

/** Published, keyed by the user: a device as it is now, or that it is gone. `version` is the account's. */
export function deviceChanged(device: {
  deviceId: string
  userId: string
  name: string
  kind: DeviceKind
  /** As the device gave it, in whatever form: null when it gave none, or is gone. */
  publicKey: string | null
  isRemoved: boolean
  version: number
}): OutboxEvent {
  return { topic: 'users.device-changed.v1', key: device.userId, payload: device }
}

/** Published, keyed by the user: none of the session's tokens is good any more. */
export function sessionEnded(session: {
  sessionId: string
  userId: string
  deviceId: string | null
}): OutboxEvent {
  return { topic: 'users.session-ended.v1', key: session.userId, payload: session }
}
