/** What a file's place says of it, for what its tags do not say. */
export interface PathNames {
  title: string
  trackNumber: number | null
  discNumber: number | null
  /** The folder, and the one above it, without those that only say which disc it is; null at the top of the library. */
  album: string | null
  artist: string | null
}

const LONGEST = 300 // characters as people count them
const DISC = /^(?:cd|dis[ck]|disk)[\s._-]*(\d{1,2})\b/i
const NUMBERED = /^(?:(\d{1,2})-)?(\d{1,3})(?:[\s._-]+|\s*[.)]\s*)(?=\S)(.+)$/

/** A name as it is kept: no control characters, no halves of characters, one space between words, not beyond all measure; '' for nothing. */
export function cleanName(text: string): string {
  const clean = text
    .replace(/[\p{Cc}\p{Surrogate}\u2028\u2029\ufeff]+/gu, ' ')
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .trim()
  return [...clean].slice(0, LONGEST).join('').trim()
}

/**
 * Reads "Artist/Album/CD 2/05 - Title.flac", the parts from the library's folder down. Bytes of a name that are no text are left out of it.
 */
export function namesOfPath(parts: readonly string[]): PathNames {
  const folders = parts.slice(0, -1)
  const disc = DISC.exec(folders.at(-1) ?? '')
  if (disc !== null) folders.pop()
  const stem = (parts.at(-1) ?? '').replace(/\.[^.]{1,5}$/, '').replaceAll('_', ' ')
  const [, discOfName, number, rest] = NUMBERED.exec(stem) ?? []
  return {
    title: cleanName(rest ?? stem) || 'Untitled',
    trackNumber: number === undefined ? null : Number(number) || null,
    discNumber: Number(discOfName ?? disc?.[1] ?? 0) || null,
    album: cleanName(folders.at(-1) ?? '') || null,
    artist: cleanName(folders.at(-2) ?? '') || null,
  }
}

/** The folder that an album's discs have in common. */
export function albumFolder(folder: string): string {
  const name = folder.slice(folder.lastIndexOf('/') + 1)
  return DISC.test(name) ? folder.slice(0, Math.max(0, folder.lastIndexOf('/'))) : folder
}

/** Several artists in one text: only where the text says so in a way that no name does. */
export function splitArtists(texts: readonly string[]): string[] {
  const names = texts
    .flatMap((text) => text.split(/\s*[;\0]\s*|\s+(?:feat\.?|ft\.?|featuring)\s+/i))
    .map(cleanName)
  return [...new Set(names.filter((name) => name !== ''))].slice(0, 50)
}
