import { derivedId } from '#shared/id.ts'
import type { AlbumCredit, AlbumDraft, ArtistDraft, CatalogueDraft, TrackDraft } from '../services/drafts.ts'
import type { SourceTrackRow } from './track-row.ts'

/** Rows that are written together: tracks with the albums and artists they name, each of them once. */
export interface Batch {
  has(row: SourceTrackRow): boolean
  add(row: SourceTrackRow): void
  size(): number
  toDraft(): CatalogueDraft
}

export function createBatch(source: string): Batch {
  const artists = new Map<string, ArtistDraft>()
  const albums = new Map<string, AlbumDraft>()
  const credits = new Map<string, AlbumCredit>()
  const tracks = new Map<string, TrackDraft>()
  const idOf = (kind: string, sourceKey: string): string => derivedId(kind, `${source}:${sourceKey}`)

  return {
    has: (row) => tracks.has(row.track_id),
    size: () => tracks.size,
    add(row) {
      // The file has no artist ids: an artist is a name, letter for letter.
      const artist: ArtistDraft = {
        id: idOf('artist', row.track_artist),
        sourceKey: row.track_artist,
        name: row.track_artist,
        genreIds: [],
      }
      artists.set(artist.id, artist)
      const album: AlbumDraft = {
        id: idOf('album', row.track_album_id),
        sourceKey: row.track_album_id,
        title: row.track_album_name,
        kind: 'ALBUM', // the file does not say
        releaseDate: row.track_album_release_date,
      }
      albums.set(album.id, album)
      credits.set(`${album.id} ${artist.id}`, { albumId: album.id, artistId: artist.id })
      tracks.set(row.track_id, toTrack(row, idOf('track', row.track_id), album.id, artist.id))
    },
    toDraft: () => ({
      source,
      genres: [],
      artists: [...artists.values()],
      albums: [...albums.values()],
      albumCredits: [...credits.values()],
      tracks: [...tracks.values()],
      shows: [],
      episodes: [],
    }),
  }
}

function toTrack(row: SourceTrackRow, id: string, albumId: string, artistId: string): TrackDraft {
  const { danceability, energy, key, loudness, mode, speechiness, acousticness } = row
  const { instrumentalness, valence, tempo } = row
  return {
    id,
    sourceKey: row.track_id,
    title: row.track_name,
    durationMs: row.duration_ms,
    albumId,
    discNumber: 1,
    trackNumber: null,
    explicit: false,
    isrc: null,
    popularity: row.track_popularity,
    markets: null,
    features: {
      tempo,
      key,
      mode,
      energy,
      danceability,
      valence,
      acousticness,
      instrumentalness,
      loudness,
      speechiness,
    },
    isComposable: false,
    artistIds: [artistId],
    genreIds: [],
  }
}
