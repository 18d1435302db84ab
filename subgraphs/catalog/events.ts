import { z } from 'zod'
import type { OutboxEvent } from '#shared/outbox.ts'
import type { AudioAsset } from './audio/asset.ts'
import type { Features } from './models.ts'

/** What this room reads of the playlists' log: the names that anybody may find. */
export const PLAYLIST_CHANGED = 'playlists.playlist-changed.v1'
export const playlistChanged = z.object({
  playlistId: z.string(),
  name: z.string(),
  visibility: z.string(),
  ownerId: z.string(),
  revision: z.number().int(),
  isDeleted: z.boolean(),
})

/** What this room reads of the playback's log: somebody pressed play on something that has no audio yet. */
export const AUDIO_REQUESTED = 'playback.audio-requested.v1'
export const audioRequested = z.object({ playableId: z.string() })

export const ARTIST_CHANGED = 'catalog.artist-changed.v1'
export const TRACK_CHANGED = 'catalog.track-changed.v1'
export const EPISODE_CHANGED = 'catalog.episode-changed.v1'

/** What this room reads of the playback's log: somebody really listened. */
export const PLAY_COUNTED = 'playback.play-counted.v1'
export const playCounted = z.object({ userId: z.string(), playableId: z.string() })

/** What this room tells its own processes: rows and lists of these are others now than whoever keeps them has. */
export const ROWS_CHANGED = 'catalog.rows-changed.v1'
export const rowsChanged = z.object({
  /** null: so many are new that it may be any. */
  ids: z.array(z.string()).nullable(),
})

/** Published, keyed by the artist: the artist as it is now. */
export function artistChanged(artist: { artistId: string; name: string; version: number }): OutboxEvent {
  return { topic: ARTIST_CHANGED, key: artist.artistId, payload: artist }
}

export interface TrackChanged {
  trackId: string
  title: string
  durationMs: number
  albumId: string | null
  discNumber: number
  trackNumber: number
  /** Of the album; what is not known of a date is 01. */
  releaseDate: string | null
  artists: { id: string; name: string }[]
  genres: string[]
  /** null: nothing is known, everywhere; empty: nowhere. */
  markets: string[] | null
  popularity: number
  explicit: boolean
  features: Features | null
  isComposable: boolean
  /** Taken down: nobody plays it, no list has it. */
  isRemoved: boolean
  version: number
}

/** Published, keyed by the track: the track as it is now, with the names that others show or learn from. */
export function trackChanged(track: TrackChanged): OutboxEvent {
  return { topic: TRACK_CHANGED, key: track.trackId, payload: track }
}

export interface EpisodeChanged {
  episodeId: string
  title: string
  durationMs: number
  markets: string[] | null
  isComposable: boolean
  isRemoved: boolean
  version: number
}

/** Published, keyed by the episode: the episode as it is now. */
export function episodeChanged(episode: EpisodeChanged): OutboxEvent {
  return { topic: EPISODE_CHANGED, key: episode.episodeId, payload: episode }
}

/** Published, keyed by the track or episode: its audio lies in the storage, ready to be served. */
export function audioPackaged(audio: {
  playableId: string
  asset: AudioAsset
  /** Of the album it is on, in hundredths of LUFS; null while that is not measured. */
  albumLoudnessCentilufs?: number | null
  version: number
}): OutboxEvent {
  return { topic: 'catalog.audio-packaged.v1', key: audio.playableId, payload: audio }
}
