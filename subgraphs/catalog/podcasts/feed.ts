import { createHash } from 'node:crypto'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { ImportFault } from '../import/import-fault.ts'
import { cleanLanguage } from '../lyrics/lyrics.ts'
import type { Chapter, Enclosure, EpisodeKind, ShowKind } from '../models.ts'
import { readSimpleChapters } from './chapters.ts'
import * as value from './feed-values.ts'
import { childOf, listOf, textOf, type Xml } from './feed-values.ts'

/** A show as its feed describes it. */
export interface Feed {
  /** The podcast's GUID: its own, or that of the feed's address, or what else it can be known by. */
  key: string
  title: string
  description: string | null
  publisher: string | null
  kind: ShowKind
  language: string | null
  website: string | null
  explicit: boolean
  items: FeedItem[]
}

export interface FeedItem {
  /** The item's GUID, or what else it can be known by; null when there is nothing. */
  key: string | null
  title: string | null
  description: string | null
  durationMs: number | null
  publishedAt: string | null
  kind: EpisodeKind
  explicit: boolean
  season: number | null
  number: number | null
  chapters: Chapter[]
  /** Where chapters lie as JSON, as it is written. */
  chaptersAt: string | null
  /** Where the audio lies, as it is written. */
  audioAt: string | null
  enclosure: Enclosure | null
}

const TITLE = 1_000
const DESCRIPTION = 10_000
const KEY = 2_000

/** The namespaces we read, by what is in their addresses: a feed may call them what it likes. */
const NAMESPACES: readonly [RegExp, string][] = [
  [/itunes\.com\/dtds\/podcast-1\.0\.dtd/i, 'itunes'],
  [/podcastindex\.org\/namespace\/1\.0|Podcastindex-org\/podcast-namespace/i, 'podcast'],
  [/podlove\.org\/simple-chapters/i, 'psc'],
  [/w3\.org\/2005\/atom/i, 'atom'],
  [/purl\.org\/rss\/1\.0\/modules\/content/i, 'content'],
]

/**
 * Reads a podcast's RSS 2.0 with the iTunes and Podcast namespaces. Throws an ImportFault that says why it cannot be read: cut off, no
 * RSS, without a title, or with entities of its own (which is how a small file becomes a large one).
 */
export function parseFeed(text: string): Feed {
  const channel = childOf(childOf(parseXml(text), 'rss'), 'channel')
  if (channel === undefined) throw new ImportFault('It is no RSS feed: there is no <channel> in an <rss>')
  const title = textOf(TITLE, childOf(channel, 'title'))
  if (title === null) throw new ImportFault('The feed has no title')
  const at = (name: string): Xml => childOf(channel, name)
  const explicit = value.isTrue(textOf(20, at('itunes:explicit'))) ?? false
  return {
    key: keyOf(channel, title),
    title,
    description: value.wordsOf(DESCRIPTION, at('description'), at('itunes:summary')),
    publisher: textOf(TITLE, at('itunes:author'), childOf(at('itunes:owner'), 'itunes:name')),
    kind: textOf(20, at('itunes:type'))?.toLowerCase() === 'serial' ? 'SERIAL' : 'EPISODIC',
    language: cleanLanguage(textOf(50, at('language'))),
    website: value.webAddressOf(textOf(KEY, at('link'))),
    explicit,
    items: listOf(at('item')).map((item) => readItem(item, explicit)),
  }
}

function parseXml(text: string): Xml {
  if (/<!ENTITY/i.test(text)) throw new ImportFault('The feed defines entities of its own: it is not read')
  const isWhole = XMLValidator.validate(text, { allowBooleanAttributes: true })
  if (isWhole !== true) {
    const { msg, line } = isWhole.err
    throw new ImportFault(`It is no whole XML: line ${line}: ${msg.slice(0, 200)}`)
  }
  const names = new Map<string, string>()
  for (const [, prefix = '', , address = ''] of text.matchAll(/\sxmlns:([\w.-]+)\s*=\s*(["'])(.*?)\2/g)) {
    const known = NAMESPACES.find(([pattern]) => pattern.test(address))
    if (known !== undefined) names.set(prefix, known[1])
  }
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    htmlEntities: true,
    // The five of XML and the letters of HTML: each becomes one character, however many there are.
    processEntities: { enabled: true, maxTotalExpansions: Infinity, maxExpandedLength: Infinity },
    maxNestedTags: 64,
    transformTagName(name) {
      const [prefix = '', local] = name.split(':', 2)
      return local === undefined ? name : `${names.get(prefix) ?? prefix}:${local}`
    },
  })
  try {
    return parser.parse(text) as Xml
  } catch (error) {
    throw new ImportFault(`It cannot be read as XML: ${(error as Error).message.slice(0, 200)}`)
  }
}

// What a podcast's GUID is derived from its address in (Podcast Namespace, "guid").
const GUID_NAMESPACE = Buffer.from('ead4c236bf5858c6a2c6a6b28d128cb6', 'hex')

/** A feed that is told its GUID later is the same as before: until then it is derived from the address, as its host would. */
function keyOf(channel: Xml, title: string): string {
  const own = textOf(KEY, childOf(channel, 'podcast:guid'))
  if (own !== null) return own.toLowerCase()
  const self = listOf(childOf(channel, 'atom:link')).find(
    (link) => textOf(20, childOf(link, '@rel')) === 'self',
  )
  const address = textOf(KEY, childOf(self, '@href')) ?? textOf(KEY, childOf(channel, 'link'))
  if (address === null) return title
  const hash = createHash('sha1')
    .update(GUID_NAMESPACE)
    .update(address.replace(/^\w+:\/\/|\/+$/g, ''))
  const bytes = hash.digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const KINDS: Readonly<Record<string, EpisodeKind>> = { trailer: 'TRAILER', bonus: 'BONUS' }

function readItem(item: Xml, isShowExplicit: boolean): FeedItem {
  const at = (name: string): Xml => childOf(item, name)
  const enclosure = listOf(at('enclosure'))[0]
  const audioAt = textOf(KEY, childOf(enclosure, '@url'))
  const url = value.webAddressOf(audioAt)
  const title = textOf(TITLE, at('title'), at('itunes:title'))
  const publishedAt = value.dateOf(textOf(100, at('pubDate')))
  return {
    key: textOf(KEY, at('guid')) ?? audioAt ?? (title && `${title} ${publishedAt ?? ''}`),
    title,
    description: value.wordsOf(DESCRIPTION, at('description'), at('itunes:summary'), at('content:encoded')),
    durationMs: value.durationOf(textOf(50, at('itunes:duration'))),
    publishedAt,
    kind: KINDS[textOf(20, at('itunes:episodeType'))?.toLowerCase() ?? ''] ?? 'FULL',
    explicit: value.isTrue(textOf(20, at('itunes:explicit'))) ?? isShowExplicit,
    season: value.numberOf(textOf(50, at('itunes:season'), at('podcast:season'))),
    number: value.numberOf(textOf(50, at('itunes:episode'), at('podcast:episode'))),
    chapters: readSimpleChapters(at('psc:chapters')),
    chaptersAt: textOf(KEY, childOf(at('podcast:chapters'), '@url')),
    audioAt,
    enclosure:
      url === null
        ? null
        : {
            url,
            mediaType: textOf(100, childOf(enclosure, '@type')),
            sizeBytes: sizeOf(textOf(50, childOf(enclosure, '@length'))),
          },
  }
}

/** Publishers write 0 for what they do not know. */
function sizeOf(text: string | null): number | null {
  const size = /^\d{1,15}$/.test(text ?? '') ? Number(text) : 0
  return size === 0 ? null : size
}
