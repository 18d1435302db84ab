import type { IAudioMetadata } from 'music-metadata'
import { lyricsOfTags } from '../lyrics/embedded.ts'
import type { SongText } from '../lyrics/lyrics.ts'
import type { AlbumKind } from '../models.ts'
import { cleanName, splitArtists } from './names.ts'

/** What an owner has written into a file, as far as the catalogue has a place for it. Empty where nothing was said. */
export interface FileTags {
  title: string | null
  artists: string[]
  albumArtists: string[]
  album: string | null
  /** The release at MusicBrainz, which tells two albums of one name apart. */
  release: string | null
  track: number | null
  disc: number | null
  /** YYYY-MM-DD; what is not known of a date is 01. */
  date: string | null
  kind: AlbumKind | null
  genres: string[]
  isrc: string | null
  bpm: number | null
  key: string | null
  lyrics: SongText | null
}

export const NO_TAGS: FileTags = {
  title: null,
  artists: [],
  albumArtists: [],
  album: null,
  release: null,
  track: null,
  disc: null,
  date: null,
  kind: null,
  genres: [],
  isrc: null,
  bpm: null,
  key: null,
  lyrics: null,
}

const MOST_GENRES = 10
const KINDS: Readonly<Record<string, AlbumKind>> = {
  album: 'ALBUM',
  single: 'SINGLE',
  ep: 'EP',
  compilation: 'COMPILATION',
}

export function tagsOf({ common }: IAudioMetadata): FileTags {
  const several = (common.artists?.length ?? 0) > 1 ? common.artists : undefined
  return {
    title: name(common.title),
    artists: splitArtists(several ?? [common.artist ?? '']),
    albumArtists: splitArtists(common.albumartists ?? [common.albumartist ?? '']),
    album: name(common.album),
    release: name(common.musicbrainz_albumid),
    track: place(common.track?.no),
    disc: place(common.disk?.no),
    date:
      dateOf(common.originaldate) ??
      dateOf(common.date) ??
      dateOf(common.releasedate) ??
      dateOf(String(common.year ?? '')),
    kind: kindOf(common.compilation === true, common.releasetype ?? []),
    genres: genresOf(common.genre ?? []),
    isrc:
      common.isrc
        ?.map((code) => code.replace(/[\s-]/g, '').toUpperCase())
        .find((code) => /^[A-Z]{2}[A-Z0-9]{3}\d{7}$/.test(code)) ?? null,
    bpm: common.bpm !== undefined && common.bpm >= 20 && common.bpm <= 400 ? common.bpm : null,
    key: name(common.key),
    lyrics: lyricsOfTags(common.lyrics),
  }
}

function name(text: string | undefined): string | null {
  return cleanName(text ?? '') || null
}

/** Numbers as they may be written: 0 and what is beyond any album is nothing. */
function place(number: number | null | undefined): number | null {
  return Number.isInteger(number) && (number as number) > 0 && (number as number) < 10_000
    ? (number as number)
    : null
}

/** "1999", "1999-05", "1999-05-21T00:00": the date that it begins with, if there is such a day. */
function dateOf(text: string | undefined): string | null {
  const [, year, month = '01', day = '01'] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?/.exec(text ?? '') ?? []
  if (year === undefined || year === '0000') return null
  const date = `${year}-${month}-${day}`
  const instant = new Date(`${date}T00:00:00Z`)
  return Number.isNaN(instant.getTime()) || instant.toISOString().slice(0, 10) !== date
    ? `${year}-01-01`
    : date
}

function kindOf(isCompilation: boolean, types: readonly string[]): AlbumKind | null {
  const kinds = types
    .flatMap((type) => type.toLowerCase().split(/[\s;+/,]+/))
    .flatMap((type) => KINDS[type] ?? [])
  if (isCompilation || kinds.includes('COMPILATION')) return 'COMPILATION'
  return kinds[0] ?? null
}

function genresOf(texts: readonly string[]): string[] {
  const names = texts.flatMap((text) => text.split(/[;\0]/)).map(cleanName)
  return [...new Set(names.filter((one) => one !== '').map((one) => one.slice(0, 60)))].slice(0, MOST_GENRES)
}
