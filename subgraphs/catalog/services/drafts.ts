import { createHash } from 'node:crypto'
import type { SongText } from '../lyrics/lyrics.ts'
import type {
  AlbumKind,
  Chapter,
  Enclosure,
  EpisodeKind,
  Features,
  ShowKind,
  StoredPicture,
} from '../models.ts'

/** Where something comes from: `sourceKey` is unique within a source and kind, and the id is derived from the two. */
interface Draft {
  id: string
  sourceKey: string
}

export interface GenreDraft extends Draft {
  name: string
}

export interface ArtistDraft extends Draft {
  name: string
  genreIds: string[]
}

export interface AlbumDraft extends Draft {
  title: string
  kind: AlbumKind
  releaseDate: string | null
  /** Largest first; none if left out. */
  artwork?: StoredPicture[]
  /** All of its artists, in order; if left out, it has those of the credits. */
  artistIds?: string[]
}

/** Added after the artists the album has: a source that names one track at a time never has them all at hand. */
export interface AlbumCredit {
  albumId: string
  artistId: string
}

export interface TrackDraft extends Draft {
  title: string
  durationMs: number
  albumId: string | null
  discNumber: number
  /** null: the next one free on the album, given once and kept. */
  trackNumber: number | null
  explicit: boolean
  isrc: string | null
  popularity: number
  /** null: nothing is known, everywhere; empty: nowhere. */
  markets: string[] | null
  features: Features | null
  /** Nobody told the features: they were heard. */
  areEstimates?: boolean
  isComposable: boolean
  artistIds: string[]
  genreIds: string[]
}

export interface ShowDraft extends Draft {
  title: string
  description: string | null
  publisher: string | null
  /** EPISODIC if left out. */
  kind?: ShowKind
  language?: string | null
  website?: string | null
  explicit?: boolean
}

export interface EpisodeDraft extends Draft {
  showId: string
  title: string
  description: string | null
  durationMs: number
  publishedAt: string | null
  /** FULL if left out. */
  kind?: EpisodeKind
  explicit?: boolean
  season?: number | null
  number?: number | null
  chapters?: Chapter[]
  enclosure?: Enclosure | null
  markets: string[] | null
  features: Features | null
  isComposable: boolean
}

/** What is sung in a track. What was brought for it (FILE) is not overwritten by what comes with its recording (EMBEDDED). */
export interface LyricsDraft {
  trackId: string
  origin: 'FILE' | 'EMBEDDED'
  /** null: that says nothing, or nothing any more. */
  lyrics: SongText | null
}

/** What one source says, to be written in one transaction. Ids are unique within each list. */
export interface CatalogueDraft {
  source: string
  genres: GenreDraft[]
  artists: ArtistDraft[]
  albums: AlbumDraft[]
  albumCredits: AlbumCredit[]
  tracks: TrackDraft[]
  shows: ShowDraft[]
  episodes: EpisodeDraft[]
  /** Of tracks that are there already, or in this draft. */
  lyrics?: LyricsDraft[]
}

/** A draft that says nothing yet. */
export function emptyDraft(source: string): CatalogueDraft {
  return {
    source,
    genres: [],
    artists: [],
    albums: [],
    albumCredits: [],
    tracks: [],
    shows: [],
    episodes: [],
  }
}

/** What a write found: `isNew` rows were not there before, the others said something else. Unchanged rows are not in it. */
export interface WrittenRow {
  id: string
  isNew: boolean
}

/** Drafts as SQL reads them: one JSON text, features beside the other columns, each row with the hash of what it says. */
export function toRecords(drafts: readonly (Draft & { features?: Features | null })[]): string {
  return JSON.stringify(drafts.map((draft) => ({ ...draft, ...draft.features, hash: hashOf(draft) })))
}

/** What a draft says, as a row remembers it. */
export function hashOf(draft: Draft): string {
  return createHash('sha256').update(JSON.stringify(draft)).digest('base64url').slice(0, 22)
}
