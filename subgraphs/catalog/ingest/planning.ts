import { derivedId } from '#shared/id.ts'
import type { TaggedFeatures } from '../audio/features/estimator.ts'
import type { StoredPicture } from '../models.ts'
import { type AlbumDraft, type ArtistDraft, emptyDraft, type TrackDraft } from '../services/drafts.ts'
import type { FileWords } from './music-files.ts'
import type { FilePlan, MusicFile } from './music-tracks.ts'

/** A track without what only its sound tells. */
export interface TaggedTrack extends Omit<TrackDraft, 'durationMs' | 'features' | 'areEstimates'> {
  tagged: TaggedFeatures
}

/** What the catalogue calls music folders. */
export const SOURCE = 'files'
const UNKNOWN = 'Unknown Artist'
const VARIOUS = 'Various Artists'

const idOf = (kind: 'artist' | 'album' | 'track' | 'genre', key: string): string =>
  derivedId(kind, `${SOURCE}:${key}`)
/** Names are the same whatever their case: owners are not always careful. */
const keyOf = (name: string): string => name.toLocaleLowerCase('en')

/** Files of one album, in the order of their paths. */
interface AlbumGroup {
  title: string
  artists: string[]
  key: string
  files: MusicFile[]
}

/**
 * What the catalogue is to be told of each file: what it says itself, then its path, then what the others of its album say. It depends on the
 * files alone and not on the order in which they came.
 */
export function planFiles(files: readonly MusicFile[]): Map<string, FilePlan> {
  const plans = new Map<string, FilePlan>()
  const spell = createSpelling(files)
  const alone = files.filter(({ words }) => titleOfAlbum(words) === null)
  for (const file of alone) plans.set(file.id, planOf(file, null, 1, spell))
  for (const group of groupAlbums(files)) {
    const album = draftAlbum(group)
    const numbers = numberTracks(group.files)
    for (const file of group.files)
      plans.set(file.id, planOf(file, { album, artists: group.artists }, numbers.get(file.id) ?? 1, spell))
  }
  return plans
}

type Spelling = (kind: 'artist' | 'genre', name: string) => string

/** Of several ways to write a name the most common one: a name is that of an artist or a genre and not of a file. */
function createSpelling(files: readonly MusicFile[]): Spelling {
  const spellings = new Map<string, string[]>()
  const add = (kind: string, name: string): void => {
    const key = `${kind} ${keyOf(name)}`
    const known = spellings.get(key)
    if (known === undefined) spellings.set(key, [name])
    else known.push(name)
  }
  for (const { words } of files) {
    for (const name of [...artistsOf(words), ...words.said.albumArtists]) add('artist', name)
    for (const name of words.said.genres) add('genre', name)
  }
  const chosen = new Map([...spellings].map(([key, names]) => [key, mostCommon(names)]))
  return (kind, name) => chosen.get(`${kind} ${keyOf(name)}`) ?? name
}

function titleOfAlbum({ said, place }: FileWords): string | null {
  return said.album ?? place.album
}

function artistsOf({ said, place }: FileWords): string[] {
  if (said.artists.length > 0) return said.artists
  return said.albumArtists.length > 0 ? said.albumArtists : [place.artist ?? UNKNOWN]
}

/** One album is one release, else what has the same artists and title. Who they are may be known of the folder as a whole alone. */
function groupAlbums(files: readonly MusicFile[]): AlbumGroup[] {
  const firstArtists = new Map<string, Set<string>>()
  const shelfOf = ({ words }: MusicFile): string =>
    JSON.stringify([words.folder, keyOf(titleOfAlbum(words) ?? '')])
  for (const file of files) {
    const names = firstArtists.get(shelfOf(file)) ?? new Set()
    firstArtists.set(shelfOf(file), names.add(keyOf(artistsOf(file.words)[0] ?? UNKNOWN)))
  }
  const groups = new Map<string, AlbumGroup>()
  for (const file of files) {
    const { said } = file.words
    const title = titleOfAlbum(file.words)
    if (title === null) continue
    const isVarious = (firstArtists.get(shelfOf(file))?.size ?? 0) > 1
    const artists =
      said.albumArtists.length > 0
        ? said.albumArtists
        : isVarious
          ? [VARIOUS]
          : artistsOf(file.words).slice(0, 1)
    const key = said.release ?? JSON.stringify([...artists, title].map(keyOf))
    const group = groups.get(key) ?? { title, artists, key, files: [] }
    groups.set(key, group)
    group.files.push(file)
  }
  return [...groups.values()]
}

function draftAlbum({ title, artists, key, files }: AlbumGroup): AlbumDraft {
  const said = files.map(({ words }) => words.said)
  const isVarious = keyOf(artists[0] ?? '') === keyOf(VARIOUS)
  const artwork: StoredPicture[] = files.find((file) => file.artwork.length > 0)?.artwork ?? []
  return {
    id: idOf('album', key),
    sourceKey: key,
    title,
    kind: said.find(({ kind }) => kind !== null)?.kind ?? (isVarious ? 'COMPILATION' : 'ALBUM'),
    releaseDate: mostCommon(said.flatMap(({ date }) => date ?? [])),
    artwork,
    artistIds: [...new Set(artists.map((name) => idOf('artist', keyOf(name))))],
  }
}

function mostCommon(texts: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const text of [...texts].sort()) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].reduce<[string | null, number]>(
    (best, one) => (one[1] > best[1] ? one : best),
    [null, 0],
  )[0]
}

function discOf({ said, place }: FileWords): number {
  return said.disc ?? place.discNumber ?? 1
}

/** The numbers that files have, and for those that have none the next ones of their disc, in the order of their paths. */
function numberTracks(files: readonly MusicFile[]): Map<string, number> {
  const numbers = new Map<string, number>()
  const highest = new Map<number, number>()
  for (const { id, words } of files) {
    const number = words.said.track ?? words.place.trackNumber
    if (number === null) continue
    numbers.set(id, number)
    highest.set(discOf(words), Math.max(number, highest.get(discOf(words)) ?? 0))
  }
  for (const { id, words } of files) {
    if (numbers.has(id)) continue
    const next = (highest.get(discOf(words)) ?? 0) + 1
    numbers.set(id, next)
    highest.set(discOf(words), next)
  }
  return numbers
}

function planOf(
  { id, words }: MusicFile,
  on: { album: AlbumDraft; artists: string[] } | null,
  trackNumber: number,
  spell: Spelling,
): FilePlan {
  const { said, place } = words
  const names = artistsOf(words)
  const artists = new Map<string, ArtistDraft>()
  for (const name of [...names, ...(on?.artists ?? [])]) {
    const key = keyOf(name)
    artists.set(key, { id: idOf('artist', key), sourceKey: key, name: spell('artist', name), genreIds: [] })
  }
  const trackId = idOf('track', id)
  const genres = said.genres.map((name) => ({
    id: idOf('genre', keyOf(name)),
    sourceKey: keyOf(name),
    name: spell('genre', name),
  }))
  return {
    draft: {
      ...emptyDraft(SOURCE),
      genres: [...new Map(genres.map((genre) => [genre.id, genre])).values()],
      artists: [...artists.values()],
      albums: on === null ? [] : [on.album],
      lyrics: [{ trackId, origin: 'EMBEDDED', lyrics: said.lyrics }],
    },
    track: {
      id: trackId,
      sourceKey: id,
      title: said.title ?? place.title,
      albumId: on?.album.id ?? null,
      discNumber: discOf(words),
      trackNumber,
      explicit: false,
      isrc: said.isrc,
      popularity: 0,
      markets: null,
      isComposable: false,
      artistIds: [...new Set(names.map((name) => idOf('artist', keyOf(name))))],
      genreIds: [...new Set(genres.map((genre) => genre.id))],
      tagged: { bpm: said.bpm, key: said.key },
    },
  }
}
