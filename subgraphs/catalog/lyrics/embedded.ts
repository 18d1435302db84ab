import { parseLrc } from './lrc.ts'
import { cleanLanguage, type SongText } from './lyrics.ts'

/** Lyrics as music-metadata reads them from a file's tags. */
export interface LyricsTag {
  language?: string
  text?: string
  /** Times are in ms where `timeStampFormat` is 2. */
  syncText: readonly { text: string; timestamp?: number }[]
  timeStampFormat: number
  /** What the times are of: 0 to 2 are words, the others chords, movements and trivia. */
  contentType: number
}

const [MILLISECONDS, LAST_OF_WORDS] = [2, 2]

/** The best of what is embedded in a file: timed before plain, then the first. Plain text that is LRC counts as timed. */
export function lyricsOfTags(tags: readonly LyricsTag[] | undefined): SongText | null {
  const found = (tags ?? [])
    .filter(({ contentType }) => contentType <= LAST_OF_WORDS)
    .flatMap((tag) => readTag(tag) ?? [])
  return found.find(({ isTimed }) => isTimed) ?? found[0] ?? null
}

/** As LRC: players and taggers put further times and times of words into the texts, and there they are understood. */
function readTag({ language, text, syncText, timeStampFormat }: LyricsTag): SongText | null {
  const rows = timeStampFormat === MILLISECONDS ? joinSyllables(syncText) : []
  const timed = parseLrc(rows.map(({ startMs, words }) => `${stampOf(startMs)}${words}`).join('\n'))
  const lyrics = timed?.lyrics ?? parseLrc(text ?? '')?.lyrics ?? null
  return lyrics && { ...lyrics, language: lyrics.language ?? cleanLanguage(language) }
}

/** ID3v2 (SYLT) times syllables: where line ends are in the texts, they part the lines and nothing else does. */
function joinSyllables(chunks: LyricsTag['syncText']): { startMs: number; words: string }[] {
  const known = chunks.flatMap(({ text, timestamp }) =>
    timestamp !== undefined && Number.isFinite(timestamp) && timestamp >= 0
      ? [{ startMs: Math.round(timestamp), words: text }]
      : [],
  )
  if (!known.some(({ words }) => /[\r\n]/.test(words))) return known
  const rows: { startMs: number; words: string }[] = []
  let isAtStart = true
  for (const { startMs, words } of known) {
    const [head = '', ...others] = words.split(/\r\n?|\n/)
    const last = rows.at(-1)
    if (isAtStart || last === undefined) rows.push({ startMs, words: head })
    else last.words += head
    for (const other of others) rows.push({ startMs, words: other })
    isAtStart = others.length > 0 && others.at(-1) === ''
    if (isAtStart) rows.pop()
  }
  return rows.filter(({ words }) => words !== '')
}

function stampOf(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `[${two(Math.floor(seconds / 60))}:${two(seconds % 60)}.${String(ms % 1_000).padStart(3, '0')}]`
}
