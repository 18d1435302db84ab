/** A line, from `startMs` on until the next one. An empty text is silence. */
export interface LyricLine {
  startMs: number
  text: string
}

/** What is sung, in order. `isTimed` false: nobody has said when, and every `startMs` is 0. */
export interface SongText {
  /** BCP 47, or null when nobody has said. */
  language: string | null
  isTimed: boolean
  lines: LyricLine[]
}

export const LYRICS_LIMITS = { lines: 5_000, characters: 500, ms: 86_400_000 } as const

/** A line as it is kept: one row of text without control characters and halves of characters, no longer than the limit. */
export function cleanLine(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Surrogate}\u2028\u2029\ufeff]+/gu, ' ').replace(/ {2,}/g, ' ')
  return [...clean.trim()].slice(0, LYRICS_LIMITS.characters).join('').trim()
}

/** A language as BCP 47 has it; null for what is none, and for the codes that say "unknown". */
export function cleanLanguage(code: string | null | undefined): string | null {
  try {
    const [tag] = Intl.getCanonicalLocales(code?.trim().replaceAll('_', '-').toLowerCase() ?? '')
    return tag === undefined || /^(und|xxx|zxx|mul|mis)\b/.test(tag) ? null : tag
  } catch {
    return null
  }
}

/** Lines in the order they are sung, each once, as many as are kept; null when no word is in them. */
export function inOrder(
  language: string | null,
  isTimed: boolean,
  lines: readonly LyricLine[],
): SongText | null {
  if (lines.every(({ text }) => text === '')) return null
  const sorted = isTimed ? lines.toSorted((a, b) => a.startMs - b.startMs) : lines
  const said = sorted.filter(
    (line, place) => !isTimed || !isSame(line, sorted[place - 1]) || line.text === '',
  )
  return { language, isTimed, lines: said.slice(0, LYRICS_LIMITS.lines) }
}

function isSame(line: LyricLine, before: LyricLine | undefined): boolean {
  return before?.startMs === line.startMs && before.text === line.text
}
