import fc from 'fast-check'
import { expect, test } from 'vitest'
import { feedOf, itemOf, NAMESPACES } from '../testing/feed.ts'
import { readJsonChapters, readSimpleChapters } from './chapters.ts'
import { type Feed, type FeedItem, parseFeed } from './feed.ts'
import { dateOf, durationOf, isTrue, numberOf, webAddressOf, wordsOf } from './feed-values.ts'

const showOf = (about: string): Feed => parseFeed(feedOf([], about))
const only = (more: string): FeedItem => parseFeed(feedOf([`<item>${more}</item>`])).items[0] as FeedItem

test('a show says who makes it, in what language, for whom and in what order', () => {
  const about = `<description><![CDATA[<p>Slow &amp; salty.</p><p>Caf&eacute;</p>]]></description><itunes:author>Saltmarsh</itunes:author>
    <language>en-us</language><link>https://tide.example</link><itunes:explicit>true</itunes:explicit><itunes:type>Serial</itunes:type>
    <podcast:guid>9B024349-CCF0-5F69-A609-6B82873EAB3C</podcast:guid>`

  expect(showOf(about)).toEqual({
    key: '9b024349-ccf0-5f69-a609-6b82873eab3c',
    title: 'Tide Tables',
    description: 'Slow & salty.\nCafé',
    publisher: 'Saltmarsh',
    kind: 'SERIAL',
    language: 'en-US',
    website: 'https://tide.example/',
    explicit: true,
    items: [],
  })
  expect(showOf('')).toMatchObject({ kind: 'EPISODIC', publisher: null, language: null, explicit: false })
})

test('without a GUID it has the one that its address gives it, whatever the protocol', () => {
  // The pair that the Podcast Namespace gives as its example.
  const link = (href: string) =>
    `<atom:link rel="hub" href="https://hub.example"/><atom:link rel="self" href="${href}"/>`

  expect(showOf(link('https://mp3s.nashownotes.com/pc20rss.xml')).key).toBe(
    '917393e3-1b1e-5cef-ace4-edaa54e1f810',
  )
  expect(showOf(link('http://mp3s.nashownotes.com/pc20rss.xml/')).key).toBe(
    '917393e3-1b1e-5cef-ace4-edaa54e1f810',
  )
  expect(showOf('').key).toBe('Tide Tables')
})

test('an item says everything there is of an episode', () => {
  const item =
    only(`<guid> e1 </guid><title>Low Water</title><itunes:title>Low</itunes:title><description>&lt;b&gt;Soft&lt;/b&gt; tones</description>
    <pubDate>Sat, 21 Nov 2026 07:30:00 +0100</pubDate><itunes:duration>00:12:30</itunes:duration><itunes:season>2</itunes:season>
    <itunes:episode>7</itunes:episode><itunes:episodeType>Bonus</itunes:episodeType><itunes:explicit>yes</itunes:explicit>
    <enclosure url="https://cdn.example/e1.mp3?a=1&amp;b=2" type="audio/mpeg" length="12345"/>
    <podcast:chapters url="e1.json" type="application/json+chapters"/>
    <psc:chapters version="1.2"><psc:chapter start="00:01:00.500" title="Two"/><psc:chapter start="0" title="One"/></psc:chapters>`)

  expect(item).toEqual({
    key: 'e1',
    title: 'Low Water',
    description: 'Soft tones',
    durationMs: 750_000,
    publishedAt: '2026-11-21T06:30:00.000Z',
    kind: 'BONUS',
    explicit: true,
    season: 2,
    number: 7,
    chapters: [
      { startMs: 0, title: 'One' },
      { startMs: 60_500, title: 'Two' },
    ],
    chaptersAt: 'e1.json',
    audioAt: 'https://cdn.example/e1.mp3?a=1&b=2',
    enclosure: { url: 'https://cdn.example/e1.mp3?a=1&b=2', mediaType: 'audio/mpeg', sizeBytes: 12_345 },
  })
})

test('what an item does not say is not made up', () => {
  expect(only('<title>Bare</title>')).toEqual({
    key: 'Bare ',
    title: 'Bare',
    description: null,
    durationMs: null,
    publishedAt: null,
    kind: 'FULL',
    explicit: false,
    season: null,
    number: null,
    chapters: [],
    chaptersAt: null,
    audioAt: null,
    enclosure: null,
  })
  expect(only('<enclosure url="a.mp3" length="0"/>')).toMatchObject({
    key: 'a.mp3',
    title: null,
    enclosure: null,
  })
  expect(only('').key).toBeNull()
})

test('explicitness of a show is that of its episodes, until one says otherwise', () => {
  const { items } = parseFeed(
    feedOf(
      [itemOf('a'), itemOf('b', '<itunes:explicit>no</itunes:explicit>')],
      '<itunes:explicit>yes</itunes:explicit>',
    ),
  )

  expect(items.map(({ explicit }) => explicit)).toEqual([true, false])
})

test('namespaces are known by their addresses, not by what a feed calls them', () => {
  const feed = feedOf([itemOf('a', '<itunes:season>3</itunes:season>')])
    .replaceAll('itunes:', 'apple:')
    .replace('xmlns:itunes', 'xmlns:apple')

  expect(parseFeed(feed).items[0]).toMatchObject({ season: 3, durationMs: 3_600_000 })
})

test.each([
  ['3600', 3_600_000],
  ['60:00', 3_600_000],
  ['1:00:00', 3_600_000],
  ['01:00:00.5', 3_600_500],
  ['90:30', 5_430_000],
  ['0:01', 1_000],
  ['24:00:00', 86_400_000],
  ['24:00:01', null],
  ['0', null],
  ['00:00:00', null],
  ['-5', null],
  ['an hour', null],
  ['1:2:3:4', null],
  ['1e3', null],
  ['', null],
  [null, null],
])('a duration of %s is %s ms', (text, ms) => {
  expect(durationOf(text)).toBe(ms)
})

test('dates, flags, numbers and addresses are what they are, or nothing', () => {
  expect([
    dateOf('Thu, 01 Jan 1970 00:00:00 GMT'),
    dateOf('2026-01-02'),
    dateOf('1969-12-31'),
    dateOf('soon'),
  ]).toEqual(['1970-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', null, null])
  expect([isTrue('Yes'), isTrue('explicit'), isTrue('clean'), isTrue(null)]).toEqual([
    true,
    true,
    false,
    null,
  ])
  expect([numberOf('7'), numberOf('7.5'), numberOf('-1'), numberOf('9'.repeat(10)), numberOf('x')]).toEqual([
    7,
    7,
    null,
    999_999_999,
    null,
  ])
  expect(webAddressOf(`https://a.example/${'a'.repeat(2_030)}`)).not.toBeNull()
  for (const address of [
    'file:///etc/passwd',
    'javascript:alert(1)',
    'a.mp3',
    `https://a.example/${'a'.repeat(2_031)}`,
  ])
    expect(webAddressOf(address)).toBeNull()
})

test('words are kept of HTML, without its tags and escapes', () => {
  const html =
    'One&nbsp;<a href="x">two</a><br/>&lt;3 &#128167; &#x2014; &Ouml;l &nope; &#1114112;<script>alert(1)</script>'

  expect(wordsOf(100, html)).toBe('One two\n<3 💧 — Öl &nope; &#1114112;')
  expect(wordsOf(3, 'abcd')).toBe('abc')
  expect(wordsOf(10, '<p></p>')).toBeNull()
})

test('chapters of a file are those of its table of contents, in order', () => {
  const file = {
    version: '1.2.0',
    chapters: [
      { startTime: 60.25, title: 'Two', img: 'https://a.example/2.png' },
      { startTime: 0, title: 'One' },
      { startTime: 30, title: 'Hidden', toc: false },
      { startTime: 40 },
      { startTime: 60.25, title: 'Two again' },
    ],
  }

  expect(readJsonChapters(JSON.stringify(file))).toEqual([
    { startMs: 0, title: 'One' },
    { startMs: 60_250, title: 'Two' },
  ])
  for (const text of [
    '',
    '{',
    '[]',
    '{"chapters":{}}',
    '{"chapters":[{"startTime":-1}]}',
    '{"chapters":[{"startTime":1e9}]}',
  ])
    expect(readJsonChapters(text), text).toBeNull()
})

test('a thousand chapters are kept, of 300 characters', () => {
  const chapters = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ '@start': String(index), '@title': 'x'.repeat(301) }))
  const read = (count: number) => readSimpleChapters({ 'psc:chapter': chapters(count) })

  expect(read(1_000)).toHaveLength(1_000)
  expect(read(1_001)).toHaveLength(1_000)
  expect(read(1)[0]?.title).toHaveLength(300)
})

const BOMB = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><title>&b;</title></channel></rss>`
const FILE =
  '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>'

test.each([
  ['an entity that grows', BOMB, /^The feed defines entities of its own/],
  ['an entity of a file', FILE, /^The feed defines entities of its own/],
  ['a feed that is cut off', feedOf([itemOf('a')]).slice(0, -40), /^It is no whole XML: line \d+: /],
  ['nothing', '', /^It is no whole XML/],
  ['no XML', 'PK\u0003\u0004 hello', /^It is no whole XML/],
  ['HTML', '<html><body>404</body></html>', /^It is no RSS feed/],
  ['Atom', '<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title></feed>', /^It is no RSS feed/],
  ['a feed without a title', '<rss><channel><item/></channel></rss>', /^The feed has no title/],
  [
    'a depth without end',
    `<rss>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</rss>`,
    /^It cannot be read as XML: /,
  ],
  [
    'names of the language',
    '<rss><channel><title>a</title><__proto__><x/></__proto__></channel></rss>',
    /^It cannot be read as XML: /,
  ],
])('%s is refused in a sentence', (_, text, sentence) => {
  expect(() => parseFeed(text)).toThrow(sentence)
})

test('depth: 60 levels are read', () => {
  const deep = '<a>'.repeat(60) + '</a>'.repeat(60)

  expect(parseFeed(`<rss><channel><title>T</title>${deep}</channel></rss>`).title).toBe('T')
})

test('a DOCTYPE alone, and as many escapes as a feed likes, are no harm', () => {
  const text = `<!DOCTYPE rss SYSTEM "http://a.example/rss.dtd"><rss><channel><title>${'&amp;'.repeat(200_000)}</title></channel></rss>`

  expect(parseFeed(text).title).toBe('&'.repeat(1_000))
})

test('whatever stands in a feed, it is read or refused in a sentence', () => {
  const names = [
    'title',
    'item',
    'guid',
    'itunes:duration',
    'enclosure',
    'psc:chapters',
    'psc:chapter',
    'podcast:guid',
    'constructor',
  ]
  const piece = fc.oneof(
    fc.constantFrom(
      '<',
      '>',
      '/',
      '&',
      ';',
      '"',
      '<![CDATA[',
      ']]>',
      '<!--',
      '&#0;',
      '&#xd800;',
      '\0',
      '\ud800',
      '</channel>',
    ),
    fc.constantFrom(...names).map((name) => `<${name}>`),
    fc.constantFrom(...names).map((name) => `</${name}>`),
    fc.constantFrom(...names).map((name) => `<${name} url="x" start="1" title="t"/>`),
    fc.string({ unit: 'binary', maxLength: 10 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        const feed = parseFeed(
          `<rss ${NAMESPACES}><channel><title>T</title>${pieces.join('')}</channel></rss>`,
        )
        expect(JSON.stringify(feed)).not.toMatch(/\\u0000|\\ud[89a-f]/)
      } catch (error) {
        expect((error as Error).name, String(error)).toBe('ImportFault')
      }
    }),
    { numRuns: 1_000 },
  )
})
