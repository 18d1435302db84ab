import { z } from 'zod'
import { eventType } from '#shared/event-type.ts'
import type { OutboxEvent } from '#shared/outbox.ts'
import { audioAssetSchema } from './services/audio-asset.ts'
import type { PlayerEvent } from './services/listening.ts'
import type { OpenPlayback } from './services/playback-log.ts'

/** What this room copies from the others, with the fields it needs of each and no more. */
export const TRACK_CHANGED = 'catalog.track-changed.v1'
export const ARTIST_CHANGED = 'catalog.artist-changed.v1'
export const EPISODE_CHANGED = 'catalog.episode-changed.v1'
export const AUDIO_PACKAGED = 'catalog.audio-packaged.v1'
export const ACCOUNT_CHANGED = 'users.account-changed.v1'
export const DEVICE_CHANGED = 'users.device-changed.v1'
export const PLAYLIST_CHANGED = 'playlists.playlist-changed.v1'
export const PLAYLIST_ITEMS_CHANGED = 'playlists.items-changed.v1'
export const PLAYLIST_MEMBER_CHANGED = 'playlists.member-changed.v1'

const version = z.int().nonnegative()
const playable = z.object({
  title: z.string(),
  durationMs: z.int().nonnegative(),
  /** Absent or null: nobody limited it. */
  markets: z
    .array(z.string())
    .nullish()
    .transform((markets) => markets ?? null),
  isComposable: z.boolean(),
  /** Taken down: nobody hears it from now on. */
  isRemoved: z.boolean().default(false),
  version,
})

export const trackChanged = playable.extend({ trackId: z.string() })
export const episodeChanged = playable.extend({ episodeId: z.string() })
export const audioPackaged = z.object({
  playableId: z.string(),
  asset: audioAssetSchema,
  albumLoudnessCentilufs: z.int().nullable().default(null),
  version,
})
export const accountChanged = z.object({
  userId: z.string(),
  tier: z.enum(['FREE', 'PREMIUM']),
  country: z.string(),
  version,
})
export const deviceChanged = z.object({
  userId: z.string(),
  deviceId: z.string(),
  isRemoved: z.boolean(),
  publicKey: z.string().nullish(),
  version,
})

/** Of what kind a device is. */
export const deviceOfKind = z.object({
  userId: z.string(),
  deviceId: z.string(),
  kind: z.string().default('OTHER'),
  version,
})

/** Whose a track is, and on which album. */
export const trackCredited = z.object({
  trackId: z.string(),
  albumId: z
    .string()
    .nullish()
    .transform((id) => id ?? null),
  artists: z.array(z.object({ id: z.string() })).default([]),
  version,
})

/** What artists are called. */
export const artistNamed = z.object({ artistId: z.string(), name: z.string(), version })
export const trackNamed = z.object({
  artists: z.array(z.object({ id: z.string(), name: z.string() })).default([]),
})

/** Where a track stands on its album. */
export const trackPlaced = z.object({
  trackId: z.string(),
  albumId: z
    .string()
    .nullish()
    .transform((id) => id ?? null),
  discNumber: z.int().default(0),
  trackNumber: z.int().default(0),
  isRemoved: z.boolean().default(false),
  version,
})

export const playlistChanged = z.object({
  playlistId: z.string(),
  ownerId: z.string(),
  visibility: z.enum(['PUBLIC', 'PRIVATE']),
  revision: z.int(),
  isDeleted: z.boolean(),
})
export const playlistItemsChanged = z.object({
  playlistId: z.string(),
  revision: z.int(),
  ops: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('ItemsAdded'),
        items: z.array(z.object({ id: z.string(), trackId: z.string() })),
        after: z.string().nullable(),
      }),
      z.object({ kind: z.literal('ItemsRemoved'), itemIds: z.array(z.string()) }),
      z.object({ kind: z.literal('ItemsMoved'), itemIds: z.array(z.string()), after: z.string().nullable() }),
    ]),
  ),
})
export const playlistMemberChanged = z.object({
  playlistId: z.string(),
  userId: z.string(),
  isMember: z.boolean(),
})

/** Of this room's own log: a play that counts, and one that counts no longer. What is absent was not told yet when the event was said. */
export const PLAY_COUNTED = 'playback.play-counted.v1'
export const PLAY_UNCOUNTED = 'playback.play-uncounted.v1'
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
export const playDecided = z
  .object({
    playableId: z.string(),
    userId: z.string().nullable(),
    country: z.string().nullish(),
    at: instant,
    startedAt: instant.nullish(),
    artistIds: z.array(z.string()).default([]),
    albumId: z.string().nullish(),
    deviceKind: z.string().default('OTHER'),
  })
  .transform(({ at, startedAt, country, albumId, ...play }) => ({
    ...play,
    startedAt: startedAt ?? at,
    country: country ?? null,
    albumId: albumId ?? null,
  }))

const sayAudioRequested = eventType('playback.audio-requested.v1', z.object({ playableId: z.string() }))
const startedSession = z.object({
  playbackId: z.string(),
  userId: z.string(),
  deviceId: z.string(),
  playableId: z.string(),
  contextId: z.string().nullable(),
  country: z.string(),
  quality: z.string(),
  at: z.date(),
})
const saySessionStarted = eventType('playback.session-started.v1', startedSession)
const sayEventsReported = eventType(
  'playback.events-reported.v1',
  z.object({
    playbackId: z.string(),
    userId: z.string(),
    deviceId: z.string(),
    playableId: z.string(),
    country: z.string(),
    receivedAt: z.date(),
    events: z.array(z.object({ eventId: z.string(), kind: z.string(), positionMs: z.int(), at: z.date() })),
  }),
)
const countedPlay = z.object({
  playbackId: z.string(),
  playableId: z.string(),
  userId: z.string(),
  country: z.string(),
  at: z.date(),
  startedAt: z.date(),
  artistIds: z.array(z.string()),
  albumId: z.string().nullable(),
  deviceId: z.string(),
  deviceKind: z.string(),
  tier: z.string(),
})
export type CountedPlay = z.infer<typeof countedPlay>
const sayPlayCounted = eventType(PLAY_COUNTED, countedPlay)
const sayPlayUncounted = eventType(PLAY_UNCOUNTED, countedPlay)

/** Somebody wants to hear what has no audio yet. */
export function audioRequested(playableId: string): OutboxEvent {
  return sayAudioRequested(playableId, { playableId })
}

/** A playback was opened: its manifest is signed. Everything about one playback has one key. */
export function sessionStarted(started: z.infer<typeof startedSession>): OutboxEvent {
  return saySessionStarted(`${started.userId}:${started.playbackId}`, started)
}

/** A player said what it did: what was new of one playback. `at` is its own clock, `receivedAt` ours. */
export function eventsReported(
  { id, userId, deviceId, playableId, country }: OpenPlayback,
  events: readonly PlayerEvent[],
  receivedAt: number,
): OutboxEvent {
  return sayEventsReported(`${userId}:${id}`, {
    playbackId: id,
    userId,
    deviceId,
    playableId,
    country,
    receivedAt: new Date(receivedAt),
    events: events.map(({ at, ...event }) => ({ ...event, at: new Date(at) })),
  })
}

/** Thirty seconds of a playback were heard. `at` is when that was decided and `startedAt` when it was opened, both by our own clock. */
export function playCounted(play: CountedPlay): OutboxEvent {
  return sayPlayCounted(play.playableId, play)
}

/** It is no play after all: a late event showed that less was heard. What was counted is taken back, and may be counted again. */
export function playUncounted(play: CountedPlay): OutboxEvent {
  return sayPlayUncounted(play.playableId, play)
}
