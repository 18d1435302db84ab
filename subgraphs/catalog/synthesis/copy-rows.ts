import type pg from 'pg'
import { derivedId } from '#shared/id.ts'
import { type Act, GENRES, sourceOf } from './acts.ts'
import type { SyntheticAlbum, SyntheticTrack } from './album.ts'
import { type Cell, copyIn } from './copy-in.ts'

/** Tracks of an album that are to be written, and whether the album itself is. */
export interface AlbumPart {
  album: SyntheticAlbum
  isNew: boolean
  tracks: readonly SyntheticTrack[]
}

type Row = readonly Cell[]

const genreId = (seed: number, name: string): string => derivedId('genre', `${sourceOf(seed)}:${name}`)

/** The genres of a seed, unless they are there. */
export async function copyGenres(client: pg.Client, seed: number): Promise<void> {
  await client.query(
    `INSERT INTO genre (id, name, source, source_key, source_hash)
     SELECT id, name, $3, name, '' FROM unnest($1::text[], $2::text[]) AS said (id, name) ON CONFLICT DO NOTHING`,
    [GENRES.map((name) => genreId(seed, name)), GENRES, sourceOf(seed)],
  )
}

/** Appends artists; how popular they are is settled when their tracks are there. */
export async function copyActs(client: pg.Client, seed: number, acts: readonly Act[]): Promise<void> {
  const source = sourceOf(seed)
  await copyIn(
    client,
    'artist (id, name, source, source_key, source_hash)',
    acts.map((act) => [act.id, act.name, source, act.sourceKey, '']),
  )
  await copyIn(
    client,
    'artist_genre (artist_id, genre_id, position)',
    acts.flatMap(({ id, genres }) => genres.map((name, place): Row => [id, genreId(seed, name), place])),
  )
  await copyIn(
    client,
    'search_document (id, kind, title)',
    acts.map(({ id, name }) => [id, 'ARTIST', name]),
  )
}

/** Appends albums and tracks with everything that names them, by one COPY a table. */
export async function copyAlbums(
  client: pg.Client,
  seed: number,
  parts: readonly AlbumPart[],
): Promise<void> {
  const source = sourceOf(seed)
  const albums = parts.filter(({ isNew }) => isNew).map(({ album }) => album)
  const tracks = parts.flatMap(({ album, tracks }) => tracks.map((track) => ({ album, track })))
  await copyIn(
    client,
    'album (id, title, kind, release_date, popularity, source, source_key, source_hash)',
    albums.map(({ id, title, kind, releaseDate, popularity, sourceKey }) => {
      return [id, title, kind, releaseDate, popularity, source, sourceKey, '']
    }),
  )
  await copyIn(
    client,
    'album_artist (album_id, artist_id, position, released)',
    albums.map(({ id, act, releaseDate }) => [id, act.id, 0, releaseDate]),
  )
  await copyIn(
    client,
    `track (id, title, duration_ms, album_id, disc_number, track_number, explicit, popularity, markets, source, source_key,
            source_hash, tempo, key, mode, energy, danceability, valence, acousticness, instrumentalness, loudness, speechiness)`,
    tracks.map(({ album, track }) => {
      const { id, title, durationMs, trackNumber, explicit, popularity, markets, sourceKey } = track
      const own: Row = [id, title, durationMs, album.id, 1, trackNumber, explicit, popularity, markets]
      return [...own, source, sourceKey, '', ...featuresOf(track)]
    }),
  )
  await copyIn(
    client,
    'track_artist (track_id, artist_id, position, popularity)',
    tracks.flatMap(({ track }) =>
      track.acts.map((act, place): Row => [track.id, act.id, place, track.popularity]),
    ),
  )
  await copyIn(
    client,
    'track_genre (track_id, genre_id, position, popularity)',
    tracks.flatMap(({ album, track }) =>
      album.act.genres.map((name, place): Row => [track.id, genreId(seed, name), place, track.popularity]),
    ),
  )
  await copyIn(client, 'search_document (id, kind, title, artist, album, popularity)', [
    ...albums.map(({ id, title, act, popularity }): Row => [id, 'ALBUM', title, act.name, '', popularity]),
    ...tracks.map(({ album, track }): Row => {
      const names = track.acts.map(({ name }) => name).join(' ')
      return [track.id, 'TRACK', track.title, names, album.title, track.popularity]
    }),
  ])
}

function featuresOf({ features }: SyntheticTrack): Row {
  const { tempo, key, mode, energy, danceability, valence, acousticness } = features
  const { instrumentalness, loudness, speechiness } = features
  const ofSound = [tempo, key, mode, energy, danceability, valence]
  return [...ofSound, acousticness, instrumentalness, loudness, speechiness]
}
