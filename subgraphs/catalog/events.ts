import { z } from 'zod'
import { eventType } from '#shared/event-type.ts'
import type { OutboxEvent } from '#shared/outbox.ts'
import { audioAssetSchema } from './audio/asset.ts'

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

/** What this room reads of the playback's log: somebody really listened, or had not after all. */
export const PLAY_COUNTED = 'playback.play-counted.v1'
export const PLAY_UNCOUNTED = 'playback.play-uncounted.v1'
export const playCounted = z.object({ userId: z.string(), playableId: z.string() })

/** What this room tells its own processes: rows and lists of these are others now than whoever keeps them has. */
export const ROWS_CHANGED = 'catalog.rows-changed.v1'
export const rowsChanged = z.object({
  /** null: so many are new that it may be any. */
  ids: z.array(z.string()).nullable(),
})

const version = z.int()
const artistState = z.object({ artistId: z.string(), name: z.string(), version })
const sayArtistChanged = eventType(ARTIST_CHANGED, artistState)

const playableState = z.object({
  title: z.string(),
  durationMs: z.int(),
  /** null: nothing is known, everywhere; empty: nowhere. */
  markets: z.array(z.string()).nullable(),
  isComposable: z.boolean(),
  /** Taken down: nobody plays it, no list has it. */
  isRemoved: z.boolean(),
  version,
})
const features = z.object({
  tempo: z.number(),
  key: z.number(),
  mode: z.number(),
  energy: z.number(),
  danceability: z.number(),
  valence: z.number(),
  acousticness: z.number(),
  instrumentalness: z.number(),
  loudness: z.number(),
  speechiness: z.number(),
})
const trackState = playableState.extend({
  trackId: z.string(),
  albumId: z.string().nullable(),
  discNumber: z.int(),
  trackNumber: z.int(),
  /** Of the album; what is not known of a date is 01. */
  releaseDate: z.string().nullable(),
  artists: z.array(z.object({ id: z.string(), name: z.string() })),
  genres: z.array(z.string()),
  popularity: z.number(),
  explicit: z.boolean(),
  features: features.nullable(),
})
const sayTrackChanged = eventType(TRACK_CHANGED, trackState)
export type TrackChanged = z.infer<typeof trackState>

const episodeState = playableState.extend({ episodeId: z.string() })
const sayEpisodeChanged = eventType(EPISODE_CHANGED, episodeState)
export type EpisodeChanged = z.infer<typeof episodeState>

const packagedAudio = z.object({
  playableId: z.string(),
  asset: audioAssetSchema,
  /** Of the album it is on, in hundredths of LUFS; null while that is not measured. */
  albumLoudnessCentilufs: z.int().nullish(),
  version,
})
const sayAudioPackaged = eventType('catalog.audio-packaged.v1', packagedAudio)

/** Published, keyed by the artist: the artist as it is now. */
export function artistChanged(artist: z.infer<typeof artistState>): OutboxEvent {
  return sayArtistChanged(artist.artistId, artist)
}

/** Published, keyed by the track: the track as it is now, with the names that others show or learn from. */
export function trackChanged(track: TrackChanged): OutboxEvent {
  return sayTrackChanged(track.trackId, track)
}

/** Published, keyed by the episode: the episode as it is now. */
export function episodeChanged(episode: EpisodeChanged): OutboxEvent {
  return sayEpisodeChanged(episode.episodeId, episode)
}

/** Published, keyed by the track or episode: its audio lies in the storage, ready to be served. */
export function audioPackaged(audio: z.infer<typeof packagedAudio>): OutboxEvent {
  return sayAudioPackaged(audio.playableId, audio)
}
