/** What an XML parser makes of an element: text, an object with attributes (`@…`) and children, or a list of these. */
export type Xml = string | { readonly [name: string]: Xml | undefined } | readonly Xml[] | undefined

export function childOf(node: Xml, name: string): Xml {
  const [first] = listOf(node)
  return typeof first === 'object' && !Array.isArray(first) ? (first as Record<string, Xml>)[name] : undefined
}

/** The element as often as it is there. */
export function listOf(node: Xml): readonly Xml[] {
  return Array.isArray(node) ? node : node === undefined ? [] : [node as Xml]
}

/** The text of the first of these elements that has any, without controls, at most `max` characters; null when none has. */
export function textOf(max: number, ...nodes: readonly Xml[]): string | null {
  for (const node of nodes.flatMap(listOf)) {
    const text = typeof node === 'string' ? node : childOf(node, '#text')
    const clean = typeof text === 'string' ? cleanText(text, max) : ''
    if (clean !== '') return clean
  }
  return null
}

function cleanText(text: string, max: number): string {
  const plain = text.replace(/[\p{Cc}\p{Surrogate}]/gu, (control) => (control === '\n' ? '\n' : ' '))
  const clean = plain
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .trim()
  return clean.length <= max ? clean : [...clean].slice(0, max).join('').trim()
}

/** A text that feeds have as HTML: its words, a line a paragraph. */
export function wordsOf(max: number, ...nodes: readonly Xml[]): string | null {
  const html = textOf(max * 10, ...nodes)
  if (html === null) return null
  const words = html
    .replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<(?:br|\/p|\/li|\/div|\/h\d)\b[^>]*>/gi, '\n')
    .replace(/<[a-z/!][^>]*>/gi, '')
    .replace(/\n{3,}/g, '\n\n')
  return cleanText(decodeHtml(words), max) || null
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
  szlig: 'ß',
  aelig: 'æ',
  AElig: 'Æ',
  oslash: 'ø',
  Oslash: 'Ø',
  copy: '©',
  euro: '€',
}
const ACCENTS: Readonly<Record<string, string>> = {
  grave: '\u0300',
  acute: '\u0301',
  circ: '\u0302',
  tilde: '\u0303',
  uml: '\u0308',
  ring: '\u030a',
  cedil: '\u0327',
}

/** What feeds escape within their HTML: numbers, the usual signs, letters with accents. The rest stays as it is. */
function decodeHtml(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z])(grave|acute|circ|tilde|uml|ring|cedil)|([a-z]{2,8}));/gi,
    (whole, decimal, hex, letter, accent, name) => {
      const code =
        decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : null
      if (code !== null) return code <= 0x10ffff ? String.fromCodePoint(code) : whole
      if (accent !== undefined) return (letter + ACCENTS[accent]).normalize('NFC')
      return Object.hasOwn(NAMED, name) ? NAMED[name] : whole
    },
  )
}

const MAX_SECONDS = 86_400

/** HH:MM:SS, MM:SS or seconds, any of them with a fraction, in seconds; null for what is none of them. */
export function secondsOf(text: string | null): number | null {
  const [whole, hours = '0', minutes = '0', seconds] =
    /^(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6}(?:\.\d{1,9})?)$/.exec(text ?? '') ?? []
  return whole === undefined ? null : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
}

/** `itunes:duration` in its three spellings, as ms; null for what is none of up to a day. */
export function durationOf(text: string | null): number | null {
  const seconds = secondsOf(text) ?? 0
  return seconds <= MAX_SECONDS ? Math.round(seconds * 1_000) || null : null
}

/** An RFC 822 date (or any that JavaScript reads) as ISO 8601; null for what is none of the years 1970 to 2999. */
export function dateOf(text: string | null): string | null {
  const date = new Date(text ?? '')
  const year = Number.isNaN(date.getTime()) ? 0 : date.getUTCFullYear()
  return year >= 1970 && year < 3_000 ? date.toISOString() : null
}

export function isTrue(text: string | null): boolean | null {
  if (text === null) return null
  return /^(?:true|yes|explicit)$/i.test(text)
}

/** A season's or an episode's number; fractions of it are cut. */
export function numberOf(text: string | null): number | null {
  const digits = /^\d{1,9}/.exec(text ?? '')?.[0]
  return digits === undefined ? null : Number(digits)
}

/** An address of the web, as it is kept. */
export function webAddressOf(text: string | null): string | null {
  if (text === null || text.length > 2_048 || !URL.canParse(text)) return null
  const { protocol, href } = new URL(text)
  return /^https?:$/.test(protocol) ? href : null
}
