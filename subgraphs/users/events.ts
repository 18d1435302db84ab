import { z } from 'zod'
import { eventType } from '#shared/event-type.ts'
import type { OutboxEvent } from '#shared/outbox.ts'
import { DeviceKind, Role, Tier } from './generated/prisma/enums.ts'
import type { AccountRow } from './models.ts'

/** What this room reads of the catalogue's log. */
export const ARTIST_CHANGED = 'catalog.artist-changed.v1'
export const artistChanged = z.object({ artistId: z.string(), version: z.number().int() })

/** What it reads of the playback's: plays that count, and those that do not after all. */
export const PLAY_COUNTED = 'playback.play-counted.v1'
export const PLAY_UNCOUNTED = 'playback.play-uncounted.v1'
export const playCounted = z.object({
  playbackId: z.string(),
  playableId: z.string(),
  userId: z.string(),
  at: z.iso.datetime({ offset: true }),
})

/** What it reads of the playlists': who may see a list, and who keeps one. */
export const PLAYLIST_CHANGED = 'playlists.playlist-changed.v1'
export const playlistChanged = z.object({
  playlistId: z.string(),
  ownerId: z.string(),
  visibility: z.string(),
  revision: z.int(),
  isDeleted: z.boolean(),
})
export const PLAYLIST_FOLLOWED = 'playlists.playlist-followed.v1'
export const playlistFollowed = z.object({
  playlistId: z.string(),
  userId: z.string(),
  isFollowed: z.boolean(),
})

export const ACCOUNT_CHANGED = 'users.account-changed.v1'

const version = z.int()
const sayAccountChanged = eventType(
  ACCOUNT_CHANGED,
  z.object({
    userId: z.string(),
    displayName: z.string(),
    tier: z.enum(Tier),
    country: z.string(),
    role: z.enum(Role),
    artists: z.array(z.string()),
    version,
  }),
)
const deviceState = z.object({
  deviceId: z.string(),
  userId: z.string(),
  name: z.string(),
  kind: z.enum(DeviceKind),
  /** As the device gave it, in whatever form: null when it gave none, or is gone. */
  publicKey: z.string().nullable(),
  isRemoved: z.boolean(),
  version,
})
const sayDeviceChanged = eventType('users.device-changed.v1', deviceState)
const endedSession = z.object({ sessionId: z.string(), userId: z.string(), deviceId: z.string().nullable() })
const saySessionEnded = eventType('users.session-ended.v1', endedSession)

/** Published, keyed by the user: the account as it is now. */
export function accountChanged(account: AccountRow): OutboxEvent {
  const { id: userId, displayName, tier, country, role, artists, version } = account
  return sayAccountChanged(userId, { userId, displayName, tier, country, role, artists, version })
}

/** Published, keyed by the user: a device as it is now, or that it is gone. `version` is the account's. */
export function deviceChanged(device: z.infer<typeof deviceState>): OutboxEvent {
  return sayDeviceChanged(device.userId, device)
}

/** Published, keyed by the user: none of the session's tokens is good any more. */
export function sessionEnded(session: z.infer<typeof endedSession>): OutboxEvent {
  return saySessionEnded(session.userId, session)
}
