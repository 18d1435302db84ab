const MOST_CHARACTERS = 300

/**
 * The same for releases of one recording: who plays it, and its title without case, accents, and what follows a dash or
 * stands in brackets ("Remastered 2011", "feat. …").
 */
export function recordingOf(title: string, artistIds: readonly string[]): string {
  const plain = title
    .slice(0, MOST_CHARACTERS)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
  const core = plain
    .replace(/[([][^)\]]*[)\]]/g, ' ')
    .replace(/ - .*$/, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  return `${artistIds[0] ?? ''} ${core === '' ? plain : core}`
}
