import { cleanLanguage, cleanLine, inOrder, LYRICS_LIMITS, type LyricLine, type SongText } from './lyrics.ts'

/** What an LRC file says: the words, and of which recording they are. */
export interface Lrc {
  lyrics: SongText
  title: string | null
  artist: string | null
}

// mm:ss, mm:ss.x to mm:ss.xxx (a colon or a comma will do), and hh:mm:ss.xx
const TIME = String.raw`(?:(\d{1,2}):(?=\d{1,2}:\d{1,2}[.,]))?(\d{1,4}):(\d{1,2})(?:[.:,](\d{1,3}))?`
const STAMP = new RegExp(String.raw`\s*\[\s*${TIME}\s*\]`, 'y')
const INNER_STAMP = new RegExp(String.raw`[[<]\s*${TIME}\s*[\]>]`, 'g')
// By name: "[Chorus: Ann]" is a row of the words.
const TAG =
  /^\[\s*(ti|ar|al|au|by|lr|re|ve|la|lang|language|length|offset|tool|id|encoding|total|sign|hash|qq|kana|#)\s*:(.*)\]$/i

/**
 * Reads lyrics in LRC, forgiving: several times before a line, times of words (which are left out), any order, `offset` (in ms, positive is
 * sooner), and lines nobody has timed among others (left out). Without any time it is plain words. Null when there is none.
 */
export function parseLrc(text: string): Lrc | null {
  const timed: LyricLine[] = []
  const plain: string[] = []
  const tags = new Map<string, string>()
  for (const row of text.split(/\r\n?|\n/)) {
    const line = row.replace(/^\ufeff/, '').trim()
    const { times, rest } = readTimes(line)
    const tag = times.length === 0 ? TAG.exec(line) : null
    if (tag !== null) tags.set(String(tag[1]).toLowerCase(), cleanLine(String(tag[2])))
    else if (times.length > 0) {
      const words = cleanLine(rest.replace(INNER_STAMP, ''))
      for (const startMs of times.slice(0, LYRICS_LIMITS.lines - timed.length))
        timed.push({ startMs, text: words })
    } else plain.push(cleanLine(line))
  }

  const language = cleanLanguage(tags.get('la') ?? tags.get('lang') ?? tags.get('language'))
  const offset = readOffset(tags.get('offset'))
  const lyrics =
    inOrder(
      language,
      true,
      timed
        .map((line) => ({ ...line, startMs: Math.max(0, line.startMs - offset) }))
        .filter(({ startMs }) => startMs <= LYRICS_LIMITS.ms),
    ) ??
    inOrder(
      language,
      false,
      trimBlank(plain).map((words) => ({ startMs: 0, text: words })),
    )
  return lyrics && { lyrics, title: tags.get('ti') || null, artist: tags.get('ar') || null }
}

/** The times at the beginning of a line, and what stands behind them. */
function readTimes(line: string): { times: number[]; rest: string } {
  const times: number[] = []
  STAMP.lastIndex = 0
  let end = 0
  for (let stamp = STAMP.exec(line); stamp !== null; stamp = STAMP.exec(line)) {
    const [, hours = '0', minutes, seconds, fraction = ''] = stamp
    const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
    times.push(whole * 1_000 + Number(fraction.padEnd(3, '0')))
    end = STAMP.lastIndex
  }
  return { times, rest: line.slice(end) }
}

function readOffset(offset: string | undefined): number {
  return /^[+-]?\d{1,8}$/.test(offset ?? '') ? Number(offset) : 0
}

/** A blank row parts two verses; those before the first and after the last part nothing. */
function trimBlank(rows: readonly string[]): string[] {
  const isWord = (row: string): boolean => row !== ''
  return rows.slice(rows.findIndex(isWord), rows.findLastIndex(isWord) + 1)
}
