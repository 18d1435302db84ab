import type { GenreKey } from './genres.ts'

export type ReleaseKind = 'ALBUM' | 'SINGLE' | 'EP' | 'COMPILATION'

/** A song as written down by hand: a plain title, or a title with what sets it apart. */
export type Song = string | MarkedSong

export interface MarkedSong {
  title: string
  isHit?: boolean
  isExplicit?: boolean
  /** Keys of guests, named in the title as "(feat. …)" and credited after the main artist. */
  feat?: readonly string[]
  /** Key of the artist, on a release with several. */
  by?: string
}

interface Release {
  kind: ReleaseKind
  title: string
  /** The month it came out, `YYYY-MM`; the day is drawn. */
  out: string
  discs: readonly (readonly Song[])[]
  /** Nobody sings or raps on it, whatever the artist does elsewhere. */
  isInstrumental?: boolean
}

/** An invented artist and everything they put out. */
export interface Act {
  /** Needed only where the name has no Latin letters to make a key of. */
  key?: string
  name: string
  country: string
  /** The main genre first. */
  genres: readonly [GenreKey, ...GenreKey[]]
  /** How well known they are, 1 (a few friends) to 5 (everywhere). */
  fame: 1 | 2 | 3 | 4 | 5
  releases: readonly Release[]
}

/** A release of several artists: every song says who it is by. */
export interface Compilation {
  title: string
  out: string
  songs: readonly (MarkedSong & { by: string })[]
}

export function album(title: string, out: string, ...discs: readonly (readonly Song[])[]): Release {
  return { kind: 'ALBUM', title, out, discs }
}

export function ep(title: string, out: string, songs: readonly Song[]): Release {
  return { kind: 'EP', title, out, discs: [songs] }
}

export function single(title: string, out: string, songs: readonly Song[] = [title]): Release {
  return { kind: 'SINGLE', title, out, discs: [songs] }
}

/** An album without a voice on it. */
export function instrumentals(title: string, out: string, songs: readonly Song[]): Release {
  return { ...album(title, out, songs), isInstrumental: true }
}

/** One artist's own best-of. */
export function bestOf(title: string, out: string, ...discs: readonly (readonly Song[])[]): Release {
  return { kind: 'COMPILATION', title, out, discs }
}

/** A song that many people know. */
export function hit(title: string, marks: Omit<MarkedSong, 'title' | 'isHit'> = {}): MarkedSong {
  return { title, isHit: true, ...marks }
}

/** A song with words that carry a warning. */
export function explicit(title: string, marks: Omit<MarkedSong, 'title' | 'isExplicit'> = {}): MarkedSong {
  return { title, isExplicit: true, ...marks }
}

/** A song with guests. */
export function feat(title: string, ...guests: readonly string[]): MarkedSong {
  return { title, feat: guests }
}
