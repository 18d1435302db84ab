import type { Connection } from '#shared/connection.ts'

export type AlbumKind = 'ALBUM' | 'SINGLE' | 'EP' | 'COMPILATION'
export type SearchKind = 'TRACK' | 'ARTIST' | 'ALBUM' | 'PLAYLIST' | 'EPISODE' | 'SHOW'
export type MatchedBy = 'EXACT' | 'PREFIX' | 'FUZZY' | 'FULL_TEXT'

/** Tempo in beats a minute, key as pitch class, mode 1 major or 0 minor, loudness in dB full scale, the rest 0 to 1. */
export interface Features {
  tempo: number
  key: number
  mode: number
  energy: number
  danceability: number
  valence: number
  acousticness: number
  instrumentalness: number
  loudness: number
  speechiness: number
}

/** Features come whole or not at all: either all are numbers or all are null. */
export type FeatureColumns = { [Name in keyof Features]: number | null }

/** What `Track` is resolved from. */
export interface TrackRow extends FeatureColumns {
  id: string
  title: string
  durationMs: number
  albumId: string | null
  discNumber: number
  trackNumber: number
  explicit: boolean
  isrc: string | null
  popularity: number
  /** null: nothing is known, everywhere; empty: nowhere. */
  markets: string[] | null
  /** The features were heard by a program. */
  areEstimates: boolean
}

/** A picture in the storage, in pixels. */
export interface StoredPicture {
  key: string
  width: number
  height: number
}

/** What `Album` is resolved from. `releaseDate` is YYYY-MM-DD. */
export interface AlbumRow {
  id: string
  title: string
  kind: AlbumKind
  releaseDate: string | null
  artwork: StoredPicture[]
}

/** What `Artist` is resolved from. */
export interface ArtistRow {
  id: string
  name: string
}

/** What `Genre` is resolved from. */
export interface GenreRow {
  id: string
  name: string
}

export type ShowKind = 'EPISODIC' | 'SERIAL'
export type EpisodeKind = 'FULL' | 'TRAILER' | 'BONUS'

/** What `Show` is resolved from. */
export interface ShowRow {
  id: string
  title: string
  description: string | null
  publisher: string | null
  kind: ShowKind
  language: string | null
  website: string | null
  explicit: boolean
}

/** What `Episode` is resolved from. */
export interface EpisodeRow {
  id: string
  showId: string
  title: string
  description: string | null
  durationMs: number
  /** ISO 8601 in UTC. */
  publishedAt: string | null
  kind: EpisodeKind
  explicit: boolean
  season: number | null
  number: number | null
  enclosure: Enclosure | null
  /** Where it stands in its show: small numbers first. */
  rank: number
}

export interface Chapter {
  startMs: number
  title: string
}

/** Audio that lies elsewhere: what a feed says of it. */
export interface Enclosure {
  url: string
  mediaType: string | null
  sizeBytes: number | null
}

export type UploadState = 'WAITING' | 'RECEIVED' | 'TRANSCODING' | 'READY' | 'FAILED'

/** What `Upload` is resolved from. */
export interface UploadRow {
  id: string
  artistId: string
  userId: string
  title: string
  albumTitle: string | null
  sizeBytes: number
  markets: string[] | null
  state: UploadState
  /** 0 to 1. */
  progress: number
  failureCode: string | null
  failureMessage: string | null
  createdAt: Date
  /** Until when the file may be put. */
  expiresAt: Date
}

/** What `CatalogTakedown` is resolved from; what was restored has the last two. */
export interface TakedownRow {
  id: string
  nodeId: string
  reason: string
  takenBy: string
  takenAt: Date
  restoredBy: string | null
  restoredAt: Date | null
}

/** Something that has changed. */
export interface EntityName {
  typename: 'Artist' | 'Album' | 'Track' | 'Genre' | 'Show' | 'Episode'
  id: string
}

/** Something another room owns: its type and the id that was asked for. The owner says whether it is there. */
export interface ForeignNode {
  ref: string
}

/** A connection that counts all there is only when asked. */
export interface RowPage<Row> extends Connection<Row> {
  countAll(): Promise<number>
}

/** One thing found. `score`: whole part how it matched, fraction its popularity. */
export interface HitRow {
  kind: SearchKind
  id: string
  score: number
  matchedBy: MatchedBy[]
}

/** A hit at its place in its kind's list. */
export interface SearchEdgeSource extends HitRow {
  cursor: string
}

/** What `SearchResults` is resolved from. */
export interface SearchResultsSource {
  topHit: HitRow | null
  hits: Record<SearchKind, SearchEdgeSource[]>
  didYouMean: string | null
}

export interface SuggestionRow {
  text: string
  kind: SearchKind
  id: string
}

export type AudioState = 'REQUESTED' | 'COMPOSING' | 'READY' | 'FAILED'
